import { matchesModel } from './match-model.ts'
import type { ModelException, Provider } from './provider.ts'
import { type PartialQuirks, type Quirks, STANDARD } from './quirks.ts'
import { tokenQuirksOf } from './token-families.ts'

/** What holds for one model of one provider, everything merged. */
export interface MergedQuirks {
  readonly quirks: Quirks
  readonly contextWindow?: number
  readonly maxOutputTokens?: number
}

/** The record's exceptions that match this model, in the record's order. */
function exceptionsOf(record: Provider, model: string): readonly ModelException[] {
  return (record.models ?? []).filter((exception) => matchesModel(exception.match, model))
}

/**
 * STANDARD ← how the model's family counts tokens ← record ← matching model exceptions in order ← overrides in order (the configuration's provider, then
 * its model entry). The last one that sets a field wins. Only `extra_body` and `thinking_body` are merged key by key,
 * so that a configuration that adds a body field does not lose the record's; `null` takes a key away.
 */
export function mergeQuirks(
  record: Provider,
  model: string,
  ...overrides: readonly (PartialQuirks | undefined)[]
): MergedQuirks {
  const exceptions = exceptionsOf(record, model)
  const layers = [
    ...tokenQuirksOf(model),
    record.quirks,
    ...exceptions.map((exception) => exception.quirks),
    ...overrides,
  ]
  const quirks = layers.reduce<Quirks>(
    (merged, layer) => (layer === undefined ? merged : over(merged, layer)),
    STANDARD,
  )
  const contextWindow = lastOf(exceptions, 'context_window') ?? record.context_window
  const maxOutputTokens = lastOf(exceptions, 'max_output_tokens') ?? record.max_output_tokens
  return {
    quirks,
    ...(contextWindow === undefined ? {} : { contextWindow }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
  }
}

function over(below: Quirks, layer: PartialQuirks): Quirks {
  return {
    ...below,
    ...layer,
    extra_body: overKeys(below.extra_body, layer.extra_body),
    thinking_body: overKeys(below.thinking_body, layer.thinking_body),
  }
}

function overKeys(
  below: Quirks['extra_body'],
  layer: Quirks['extra_body'] | undefined,
): Quirks['extra_body'] {
  if (layer === undefined) return below
  const merged = { ...below, ...layer }
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null))
}

function lastOf(
  exceptions: readonly ModelException[],
  field: 'context_window' | 'max_output_tokens',
): number | undefined {
  return exceptions.findLast((exception) => exception[field] !== undefined)?.[field]
}
