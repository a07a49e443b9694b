import type { ChatChunk } from '../openai/chat-chunk.ts'
import { isRecord } from './block-fields.ts'

/**
 * A whole JSON answer as the chunks of a stream: for providers that ignore `stream: true`. The message takes the
 * place of the deltas, and the answer has ended with it, finish reason or not. A value that is a chunk already, or
 * an error, stays as it is.
 */
export function completionChunks(value: Readonly<Record<string, unknown>>): ChatChunk[] {
  const choices = value['choices']
  const whole =
    Array.isArray(choices) && choices.some((choice) => isRecord(choice) && isRecord(choice['message']))
  return whole ? [value, { done: true }] : [value]
}
