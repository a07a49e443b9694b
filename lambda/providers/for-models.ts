import type { ModelException } from './provider.ts'

/** The same exception for several globs. */
export function forModels(
  matches: readonly string[],
  exception: Omit<ModelException, 'match'>,
): ModelException[] {
  return matches.map((match) => ({ match, ...exception }))
}
