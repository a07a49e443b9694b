import { checkModel } from '../../lambda/map/check-configuration.ts'
import { type Configuration, ModelEntrySchema } from '../../lambda/map/configuration.ts'
import { toProblemText } from '../../lambda/map/configuration-error.ts'
import type { MapRow } from '../../lambda/map/map-rows.ts'
import { parseEntry } from '../../lambda/map/parse-configuration.ts'
import { CommandError } from './command.ts'
import { toDocument } from './map-changes.ts'

/** The options of `models set`, for `parseArgs`. */
export const ENTRY_OPTIONS = {
  target: { type: 'string' },
  fallback: { type: 'string', multiple: true },
  vision: { type: 'string' },
  'image-mode': { type: 'string' },
  'display-name': { type: 'string' },
  description: { type: 'string' },
  'context-window': { type: 'string' },
  'max-output-tokens': { type: 'string' },
  'min-output-tokens': { type: 'string' },
  parameter: { type: 'string', multiple: true },
  quirk: { type: 'string', multiple: true },
  unset: { type: 'string', multiple: true },
  tier: { type: 'string', multiple: true },
  default: { type: 'boolean' },
} as const

export interface EntryWords {
  readonly target?: string
  readonly fallback?: string[]
  readonly vision?: string
  readonly 'image-mode'?: string
  readonly 'display-name'?: string
  readonly description?: string
  readonly 'context-window'?: string
  readonly 'max-output-tokens'?: string
  readonly 'min-output-tokens'?: string
  readonly parameter?: string[]
  readonly quirk?: string[]
  readonly unset?: string[]
  readonly tier?: string[]
  readonly default?: boolean
}

type RawEntry = Record<string, unknown>

/** The entry as the words want it: what is stored, with the named fields over it. */
export function editedEntry(row: MapRow | undefined, words: EntryWords): RawEntry {
  const stored = row === undefined ? {} : toDocument(row)
  const entry: RawEntry = typeof stored === 'object' && stored !== null ? { ...stored } : {}
  for (const field of words.unset ?? []) {
    if (!Object.hasOwn(entry, field)) throw new CommandError(`--unset ${field}: the entry has no such field`)
    delete entry[field]
  }
  // One target takes the place of several that shared the load.
  if (words.target !== undefined) delete entry['targets']
  const named: RawEntry = {
    target: words.target,
    fallbacks: words.fallback,
    vision: words.vision,
    image_mode: words['image-mode'],
    display_name: words['display-name'],
    description: words.description,
    context_window: countOf(words, 'context-window'),
    max_output_tokens: countOf(words, 'max-output-tokens'),
    min_output_tokens: countOf(words, 'min-output-tokens'),
    parameters: merged(entry['parameters'], words.parameter, '--parameter'),
    quirks: merged(entry['quirks'], words.quirk, '--quirk'),
  }
  for (const [field, value] of Object.entries(named)) if (value !== undefined) entry[field] = value
  return entry
}

/** What is wrong with the entry, in the words of `config check`. */
export function entryProblems(name: string, entry: RawEntry, configuration: Configuration): string[] {
  const parsed = parseEntry(entry, ModelEntrySchema, ['models', name])
  const problems = 'entry' in parsed ? checkModel(name, parsed.entry, configuration) : parsed.problems
  return problems.map(toProblemText)
}

function countOf(
  words: EntryWords,
  option: 'context-window' | 'max-output-tokens' | 'min-output-tokens',
): number | undefined {
  const text = words[option]
  if (text === undefined) return undefined
  const count = Number(text)
  if (!Number.isInteger(count) || count <= 0)
    throw new CommandError(`--${option} ${text}: must be a whole number above 0`)
  return count
}

/** `NAME=VALUE` pairs over what is there. A value that is no JSON is meant as text. */
function merged(there: unknown, pairs: readonly string[] | undefined, option: string): RawEntry | undefined {
  if (pairs === undefined) return undefined
  const fields: RawEntry = typeof there === 'object' && there !== null ? { ...there } : {}
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    if (at <= 0) throw new CommandError(`${option} ${pair}: must be NAME=VALUE`)
    fields[pair.slice(0, at)] = toValue(pair.slice(at + 1))
  }
  return fields
}

function toValue(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
