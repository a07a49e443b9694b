import { isRecord } from './block-fields.ts'

/** Objects inside one another are joined; of two other values the later one stays. Nothing given is changed. */
export function mergeDeep(...parts: readonly Readonly<Record<string, unknown>>[]): Record<string, unknown> {
  const merged: Record<string, unknown> = {}
  for (const part of parts) {
    for (const [key, value] of Object.entries(part)) {
      if (key === '__proto__' || value === undefined) continue
      const present = merged[key]
      merged[key] = isRecord(present) && isRecord(value) ? mergeDeep(present, value) : value
    }
  }
  return merged
}

/** `nestField('thinking.budget_tokens', 5)` is `{ thinking: { budget_tokens: 5 } }`. */
export function nestField(path: string, value: unknown): Record<string, unknown> {
  const [first = '', ...rest] = path.split('.')
  return { [first]: rest.length === 0 ? value : nestField(rest.join('.'), value) }
}
