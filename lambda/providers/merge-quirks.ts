import type { Provider } from './provider.ts'
import { type PartialQuirks, type Quirks, STANDARD } from './quirks.ts'

/** What is known of one model of one provider once every layer has spoken. */
export interface MergedQuirks {
  readonly quirks: Quirks
  readonly contextWindow?: number
  readonly maxOutputTokens?: number
}

/** STANDARD, the record, its exceptions that match the model, then the overrides: field by field, the last one wins. */
export function mergeQuirks(
  record: Provider,
  model: string,
  ...overrides: readonly PartialQuirks[]
): MergedQuirks {
  const exceptions = (record.models ?? []).filter(({ match }) => matchesGlob(match, model))
  return {
    quirks: Object.assign(
      {},
      STANDARD,
      record.quirks,
      ...exceptions.map(({ quirks }) => quirks),
      ...overrides,
    ),
    contextWindow:
      exceptions.findLast((each) => each.context_window !== undefined)?.context_window ??
      record.context_window,
    maxOutputTokens:
      exceptions.findLast((each) => each.max_output_tokens !== undefined)?.max_output_tokens ??
      record.max_output_tokens,
  }
}

/** `*` stands for any run of characters; case is ignored. */
function matchesGlob(pattern: string, text: string): boolean {
  const expression = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${expression.join('.*')}$`, 'is').test(text)
}
