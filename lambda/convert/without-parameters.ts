import { isRecord } from './block-fields.ts'

/**
 * A request body without the fields that a provider refused by name. NVIDIA's schemas are closed per model
 * (`Validation: Unsupported parameter(s): X`), Groq and Cerebras refuse reasoning in the history, OpenAI's reasoning
 * models refuse `max_tokens` and `temperature` (2026-11).
 */

type Fields = Record<string, unknown>

/** Without these it is another request: their refusal goes to the caller. */
const ESSENTIAL = new Set(['model', 'messages', 'stream', 'tools', 'response_format', 'format'])

/** Fields that we may have put on messages and tools. */
const MESSAGE_FIELDS = new Set([
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'extra_content',
  'cache_control',
  'prefix',
  'partial',
  'name',
])
const TOOL_FIELDS = new Set(['strict', 'cache_control'])

/** Two names for one limit: the one that is refused becomes the other, because the limit itself must stay. */
const OTHER_NAME: Readonly<Record<string, string>> = {
  max_tokens: 'max_completion_tokens',
  max_completion_tokens: 'max_tokens',
}

/**
 * Names may be paths in the forms that providers use: `a.b`, `messages[1].reasoning_content`, `tools.0.function.strict`.
 * @returns a new body, and the names that were found in it and could go.
 */
export function withoutParameters(
  body: Readonly<Fields>,
  names: readonly string[],
): { body: Fields; dropped: readonly string[] } {
  let rest: Fields = { ...body }
  const dropped: string[] = []
  for (const name of names) {
    const next = withoutOne(rest, toPath(name))
    if (next === undefined) continue
    rest = next
    dropped.push(name)
  }
  return { body: rest, dropped }
}

function toPath(name: string): string[] {
  return name.split(/[.[\]/>\s-]+/).filter((part) => part !== '' && part !== 'body' && !/^\d+$/.test(part))
}

/** undefined: it is not there, or must stay. */
function withoutOne(body: Fields, path: readonly string[]): Fields | undefined {
  const [first] = path
  const leaf = path.at(-1)
  if (first === undefined || leaf === undefined) return undefined
  if (path.length === 1 && first in body) {
    if (ESSENTIAL.has(first)) return undefined
    const { [first]: value, ...others } = body
    const renamed = OTHER_NAME[first]
    return renamed === undefined || renamed in others ? others : { ...others, [renamed]: value }
  }
  const inHistory = MESSAGE_FIELDS.has(leaf) ? withoutInItems(body, 'messages', leaf) : undefined
  const inTools = TOOL_FIELDS.has(leaf) ? withoutInItems(inHistory ?? body, 'tools', leaf) : undefined
  return inTools ?? inHistory ?? withoutNested(body, leaf)
}

/** The field of every item of a list, and of the object one level below it (`function.strict`, content parts). */
function withoutInItems(body: Fields, list: string, leaf: string): Fields | undefined {
  const items = body[list]
  if (!Array.isArray(items)) return undefined
  const next = items.map((item) => withoutDeep(item, leaf, 3))
  return next.every((item, index) => item === items[index]) ? undefined : { ...body, [list]: next }
}

/** The field wherever it stands below the fields of our own. */
function withoutNested(body: Fields, leaf: string): Fields | undefined {
  for (const [name, value] of Object.entries(body)) {
    if (ESSENTIAL.has(name)) continue
    const next = withoutDeep(value, leaf, 4)
    if (next === value) continue
    if (!isRecord(next) || Object.keys(next).length > 0) return { ...body, [name]: next }
    const { [name]: _emptied, ...others } = body
    return others
  }
  return undefined
}

/** The same value when nothing was found, so that callers can tell. Objects that end up empty go, too. */
function withoutDeep(value: unknown, leaf: string, depth: number): unknown {
  if (depth === 0) return value
  if (Array.isArray(value)) {
    const next = value.map((item) => withoutDeep(item, leaf, depth - 1))
    return next.every((item, index) => item === value[index]) ? value : next
  }
  if (!isRecord(value)) return value
  let changed = false
  const next: Fields = {}
  for (const [name, field] of Object.entries(value)) {
    // What a tool's schema or a call's arguments hold is the caller's own.
    if (name === 'parameters' || name === 'arguments') {
      next[name] = field
      continue
    }
    const kept = name === leaf ? undefined : withoutDeep(field, leaf, depth - 1)
    if (kept !== field) changed = true
    if (name === leaf || (kept !== field && isRecord(kept) && Object.keys(kept).length === 0)) continue
    next[name] = kept
  }
  return changed ? next : value
}
