import assert from 'node:assert/strict'
import type { Message } from '../../lambda/anthropic/message-event.ts'
import type { AnswerRules } from '../../lambda/convert/answer-rules.ts'
import type { ChatChunk, ChatDelta } from '../../lambda/openai/chat-chunk.ts'
import { answerRules } from './answer-rules.ts'
import { checkMessageEvents } from './message-event-rules.ts'
import { foldMessage, replayChunks } from './replay.ts'
import { sdkFold } from './sdk-fold.ts'

/** One chunk with this delta. */
export function says(delta: ChatDelta, finish: string | null = null): ChatChunk {
  return { choices: [{ index: 0, delta, finish_reason: finish }] }
}

export const STOP = says({}, 'stop')

/** The message that these chunks become, after both checkers have seen its events. */
export async function answerOf(
  chunks: readonly ChatChunk[],
  rules: AnswerRules = answerRules(),
): Promise<Message> {
  const events = await replayChunks(chunks, rules)
  checkMessageEvents(events)
  const message = foldMessage(events)
  const { parsed_output: _added, ...second } = { parsed_output: null, ...(await sdkFold(events)) }
  // Arguments that were cut are the one thing in which we say more than the SDK does.
  if (!JSON.stringify(message.content).includes('__unparsedToolInput')) assert.deepEqual(second, message)
  return message
}

/** "thinking: … | text: … | tool NAME ID {…}". */
export function shapeOf({ content }: Message): string[] {
  return content.map((block) => {
    if (block.type === 'text') return `text: ${block.text}`
    if (block.type === 'thinking') return `thinking: ${block.thinking}`
    return block.type === 'tool_use'
      ? `tool ${block.name} ${block.id} ${JSON.stringify(block.input)}`
      : block.type
  })
}

export async function shape(chunks: readonly ChatChunk[], rules?: AnswerRules): Promise<string[]> {
  return shapeOf(await answerOf(chunks, rules))
}

/** The same with anything for a delta or a reason: providers send much that is of no type a chunk has. */
export function saysRaw(delta: unknown, finish: unknown = null, beside: object = {}): ChatChunk {
  return rawChunk({ choices: [{ index: 0, delta, finish_reason: finish }], ...beside })
}

export function rawChunk(value: unknown): ChatChunk {
  return JSON.parse(JSON.stringify(value))
}

/** A whole tool call, or a piece of one. */
export function rawCall(index: unknown, id: unknown, name: unknown, json: unknown) {
  return { index, id, type: 'function', function: { name, arguments: json } }
}
