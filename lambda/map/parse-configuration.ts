import * as z from 'zod'
import { checkConfiguration } from './check-configuration.ts'
import { type Configuration, ConfigurationSchema } from './configuration.ts'
import { ConfigurationError, type ConfigurationProblem } from './configuration-error.ts'
import { didYouMean } from './nearest-word.ts'

/** Sections and entries that YAML reads as null when nothing is indented below them: `nvidia:` means `nvidia: {}`. */
const SECTIONS = ['providers', 'models', 'tiers', 'settings']

/**
 * What YAML, JSON or the table gave us, as a configuration.
 * @throws ConfigurationError with every problem, each with its path and what was probably meant.
 */
export function parseConfiguration(raw: unknown, origin?: string): Configuration {
  const filled = withoutNulls(raw)
  const result = ConfigurationSchema.safeParse(filled)
  if (!result.success)
    throw new ConfigurationError(toProblems(result.error, ConfigurationSchema, filled), origin, result.error)
  const problems = checkConfiguration(result.data)
  if (problems.length > 0) throw new ConfigurationError(problems, origin)
  return result.data
}

/** One entry of the configuration (`kind` and `name` of the table) by the schema that belongs to it. */
export function parseEntry<Entry>(
  raw: unknown,
  schema: z.ZodType<Entry>,
  path: readonly string[],
): { readonly entry: Entry } | { readonly problems: readonly ConfigurationProblem[] } {
  const result = schema.safeParse(raw)
  if (result.success) return { entry: result.data }
  const problems = toProblems(result.error, schema, raw)
  return { problems: problems.map((problem) => ({ ...problem, path: [...path, ...problem.path] })) }
}

function withoutNulls(raw: unknown): unknown {
  if (raw === null || raw === undefined) return {}
  if (!isRecord(raw)) return raw
  const filled: Record<string, unknown> = { ...raw }
  for (const section of SECTIONS) if (filled[section] === null) filled[section] = {}
  for (const optional of ['default_model', 'callers']) if (filled[optional] === null) delete filled[optional]
  if (isRecord(filled['providers'])) {
    filled['providers'] = Object.fromEntries(
      Object.entries(filled['providers']).map(([name, entry]) => [name, entry ?? {}]),
    )
  }
  return filled
}

function toProblems(error: z.ZodError, schema: z.ZodType, raw: unknown): ConfigurationProblem[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)))
    if (issue.code === 'unrecognized_keys') {
      const known = keysAt(schema, path)
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: `unknown key${didYouMean(key, known)}`,
      }))
    }
    if (issue.code === 'invalid_value') {
      const values = issue.values.map(String)
      const value = valueAt(raw, path)
      const given = typeof value === 'string' ? value : undefined
      const hint = (given !== undefined && didYouMean(given, values)) || `; one of ${values.join(', ')}`
      return [
        { path, message: `${given === undefined ? 'a wrong value' : `unknown value "${given}"`}${hint}` },
      ]
    }
    return [{ path, message: toPlainMessage(issue) }]
  })
}

function toPlainMessage(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') {
    const given = /received (\w+)$/.exec(issue.message)?.[1] ?? 'something else'
    return given === 'undefined'
      ? `is missing (${issue.expected})`
      : `must be ${issue.expected}, not ${given}`
  }
  if (issue.code === 'invalid_format' && issue.format === 'url')
    return 'must be a URL that begins with http:// or https://'
  return issue.message
}

/** Property names that the schema knows at a path, read from its JSON Schema: plain data, easy to walk. */
function keysAt(schema: z.ZodType, path: readonly (string | number)[]): string[] {
  let place: unknown = z.toJSONSchema(schema, { io: 'input', reused: 'inline' })
  for (const step of path) {
    if (!isRecord(place)) return []
    const properties = place['properties']
    if (typeof step === 'number') place = place['items']
    else if (isRecord(properties) && Object.hasOwn(properties, step)) place = properties[step]
    else place = place['additionalProperties']
  }
  return isRecord(place) && isRecord(place['properties']) ? Object.keys(place['properties']) : []
}

/** Read from what was given: Zod's own `reportInput` would put a mistaken key into every message of the error. */
function valueAt(raw: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((place, step) => {
    if (Array.isArray(place)) return place[Number(step)]
    return isRecord(place) && Object.hasOwn(place, step) ? place[step] : undefined
  }, raw)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
