import type { Target } from '../map/target.ts'

/** Below this an answer is of no use: then the provider may say itself that the prompt is too long. */
export const LEAST_ROOM = 1024
/** Our count of the prompt is an estimate. */
export const PROMPT_MARGIN = 1.1

/**
 * The output limit to ask for: the caller's, not above what the model can write or what its context leaves room
 * for, not below what the provider takes. 0 (Anthropic: fill the cache, write nothing) becomes the provider's least,
 * since none answers 0.
 */
export function toOutputLimit(requested: number, inputTokens: number, target: Target): number {
  const least = Math.max(target.quirks.min_output_tokens, target.minOutputTokens ?? 1)
  const most = target.maxOutputTokens ?? Number.POSITIVE_INFINITY
  const room =
    target.contextWindow === undefined
      ? Number.POSITIVE_INFINITY
      : Math.max(LEAST_ROOM, target.contextWindow - Math.ceil(inputTokens * PROMPT_MARGIN))
  return Math.max(least, Math.min(requested, most, room))
}
