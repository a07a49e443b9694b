import type { ChatChunk } from '../openai/chat-chunk.ts'
import { isRecord } from './block-fields.ts'

/**
 * One line of Ollama's own API as a chunk. Its tool calls come whole, their arguments as an object, and under numbers
 * that say nothing (recordings: the first without one, the second 1), so the numbers are left out. The last line
 * holds the counts; `prompt_eval_count` is missing when the prompt was cached.
 */
export function toChatChunk(line: unknown): ChatChunk {
  if (!isRecord(line)) return {}
  if (line['error'] !== undefined || Array.isArray(line['choices'])) return line
  const done = line['done'] === true
  const message = isRecord(line['message']) ? line['message'] : { content: line['response'] }
  const reason = line['done_reason']
  return {
    ...(typeof line['model'] === 'string' && { model: line['model'] }),
    choices: [
      {
        index: 0,
        delta: {
          content: textOf(message['content']),
          reasoning: textOf(message['thinking']) ?? textOf(line['thinking']),
          tool_calls: Array.isArray(message['tool_calls']) ? message['tool_calls'].map(withoutIndex) : null,
        },
        finish_reason: done && typeof reason === 'string' ? reason : null,
      },
    ],
    ...(done && { done, usage: toUsage(line['prompt_eval_count'], line['eval_count']) }),
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function withoutIndex(call: unknown): Record<string, unknown> {
  if (!isRecord(call)) return {}
  const { index: _index, ...rest } = call
  const { function: called } = rest
  if (!isRecord(called)) return rest
  const { index: _inner, ...inner } = called
  return { ...rest, function: inner }
}

function toUsage(prompt: unknown, completion: unknown): ChatChunk['usage'] {
  return {
    ...(typeof prompt === 'number' && { prompt_tokens: prompt }),
    ...(typeof completion === 'number' && { completion_tokens: completion }),
  }
}
