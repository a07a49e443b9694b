import * as z from 'zod'
import { type CallerKey, CallerKeySchema, type KeyRecord } from '../access/caller-key.ts'
import { checkModel, checkProvider } from './check-configuration.ts'
import {
  type Configuration,
  ConfigurationSchema,
  ModelEntrySchema,
  ProviderEntrySchema,
  SettingsSchema,
  TiersSchema,
} from './configuration.ts'
import { type ConfigurationProblem, toProblemText } from './configuration-error.ts'
import type { MapRow, RowKind } from './map-rows.ts'
import { parseEntry } from './parse-configuration.ts'
import { splitTarget } from './target-reference.ts'

/** An entry of the configuration as the table keeps it. */
export interface MapDocument {
  readonly kind: Exclude<RowKind, 'caller'>
  readonly name: string
  readonly document: unknown
}

/** Names of the rows of kind `setting`. */
const SETTINGS = ['tiers', 'default_model', 'callers', 'settings'] as const

/** A configuration, a document per entry. Empty settings have no row. */
export function toDocuments(configuration: Configuration): MapDocument[] {
  return [
    ...Object.entries(configuration.providers).map(([name, document]) => ({
      kind: 'provider' as const,
      name,
      document,
    })),
    ...Object.entries(configuration.models).map(([name, document]) => ({
      kind: 'model' as const,
      name,
      document,
    })),
    ...SETTINGS.filter((name) => !isEmpty(configuration[name])).map((name) => ({
      kind: 'setting' as const,
      name,
      document: configuration[name],
    })),
  ]
}

/** `callers: []` is not empty: it lets nobody use anything. */
function isEmpty(value: unknown): boolean {
  return (
    value === undefined ||
    (typeof value === 'object' && !Array.isArray(value) && Object.keys(value ?? {}).length === 0)
  )
}

/** What the table's rows add up to. A bad one is set aside; everything else works. */
export interface ReadDocuments {
  readonly configuration: Configuration
  /** `models.glm` → what is wrong with it; for `createModelMap`. */
  readonly problems: ReadonlyMap<string, string>
  readonly callerKeys: readonly KeyRecord[]
}

export function fromDocuments(rows: readonly MapRow[]): ReadDocuments {
  const problems = new Map<string, string>()
  const read = <Entry>(row: MapRow, schema: z.ZodType<Entry>, path: readonly string[]): Entry | undefined => {
    const parsed = parseEntry(toJson(row.document), schema, path)
    if ('entry' in parsed) return parsed.entry
    setAside(problems, path, parsed.problems)
    return undefined
  }
  const all = <Entry>(kind: RowKind, section: string, schema: z.ZodType<Entry>): Record<string, Entry> =>
    Object.fromEntries(
      rows
        .filter((row) => row.kind === kind)
        .map((row): [string, Entry | undefined] => [row.name, read(row, schema, [section, row.name])])
        .filter((entry): entry is [string, Entry] => entry[1] !== undefined),
    )
  const providers = all('provider', 'providers', ProviderEntrySchema)
  for (const [name, entry] of Object.entries(providers)) {
    const found = checkProvider(name, entry)
    if (found.length > 0) {
      setAside(problems, ['providers', name], found)
      delete providers[name]
    }
  }
  const configuration: Configuration = {
    providers,
    models: all('model', 'models', ModelEntrySchema),
    ...readSettings(rows, read, problems),
  }
  setModelsAside(configuration, problems)
  return { configuration, problems, callerKeys: toCallerKeys(all('caller', 'keys', CallerKeySchema)) }
}

type ReadRow = <Entry>(row: MapRow, schema: z.ZodType<Entry>, path: readonly string[]) => Entry | undefined

function readSettings(rows: readonly MapRow[], read: ReadRow, problems: Map<string, string>) {
  const setting = <Entry>(name: string, schema: z.ZodType<Entry>): Entry | undefined => {
    const row = rows.find((each) => each.kind === 'setting' && each.name === name)
    return row && read(row, schema, [name])
  }
  const rules = setting('callers', z.array(z.unknown()))
  return {
    tiers: setting('tiers', TiersSchema) ?? {},
    default_model: setting('default_model', z.string()),
    // Without rules everybody may use everything, so a rule that cannot be read must never count as none.
    callers: problems.has('callers') ? [] : rules && readRules(rules, problems),
    settings: setting('settings', SettingsSchema) ?? {},
  }
}

const CallerRuleSchema = ConfigurationSchema.shape.callers.unwrap().element

function readRules(
  rules: readonly unknown[],
  problems: Map<string, string>,
): NonNullable<Configuration['callers']> {
  return rules.flatMap((rule, index) => {
    const parsed = parseEntry(rule, CallerRuleSchema, [])
    if ('entry' in parsed) return [parsed.entry]
    setAside(problems, ['callers', index], parsed.problems)
    return []
  })
}

/**
 * A model whose target cannot work is set aside. Its fallbacks and its vision model are only extras, and a provider
 * that is itself set aside says so when it is asked.
 */
function setModelsAside(configuration: Configuration, problems: Map<string, string>): void {
  for (const [alias, entry] of Object.entries(configuration.models)) {
    const found = checkModel(alias, entry, configuration).filter(({ path }) => {
      const part = path[2]
      if (part === 'fallbacks' || part === 'vision') return false
      const target = part === 'targets' ? entry.targets?.[Number(path[3])]?.target : entry.target
      const provider = target && splitTarget(target)?.provider
      return provider === undefined || !problems.has(`providers.${provider}`)
    })
    if (found.length === 0) continue
    setAside(problems, ['models', alias], found)
    delete configuration.models[alias]
  }
}

function setAside(
  problems: Map<string, string>,
  path: readonly (string | number)[],
  found: readonly ConfigurationProblem[],
): void {
  const within = found.map((problem) => toProblemText({ ...problem, path: problem.path.slice(path.length) }))
  problems.set(path.join('.'), within.join('; '))
}

function toCallerKeys(keys: Record<string, CallerKey>): KeyRecord[] {
  return Object.entries(keys).map(([name, key]) => ({ name, ...key }))
}

/** Text that is no JSON fails the schema like any other wrong document. */
function toJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
