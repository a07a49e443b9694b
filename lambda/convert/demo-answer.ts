import type { ChatChunk } from '../openai/chat-chunk.ts'
import type { ChatMessage, ChatRequest, ChatTool } from '../openai/chat-request.ts'
import { toMinimalValue } from './minimal-value.ts'

export interface DemoTurn {
  readonly chat: ChatRequest
  /** Whether the caller asked for thinking. */
  readonly thinks: boolean
  /** Sent tool name → the caller's own, for the names that had to change. */
  readonly toolNames: ReadonlyMap<string, string>
  readonly inputTokens: number
}

/**
 * What the demo model says, chunk by chunk, in the form of a Chat Completions stream: the prompt's last line, word by
 * word; a thought before it when thinking is asked for; a call when the prompt says `use the NAME tool`; what a tool
 * returned when it has. A word counts as a token.
 */
export function* demoAnswer(turn: DemoTurn): Generator<ChatChunk> {
  const { chat, thinks } = turn
  const limit = chat.max_completion_tokens ?? chat.max_tokens ?? Number.POSITIVE_INFINITY
  const last = chat.messages.findLast(isPromptOrResult)
  const prompt = last?.role === 'user' ? toText(last) : ''
  const tool = calledTool(prompt, turn)
  let spent = 0
  yield delta({ role: 'assistant', content: '' })
  if (thinks) {
    for (const word of words(toThought(last, tool)).slice(0, limit)) {
      spent += 1
      yield delta({ reasoning_content: word })
    }
  }
  if (tool !== undefined && spent < limit) {
    const input = JSON.stringify(toMinimalValue(tool.function.parameters ?? {}))
    yield call(tool.function.name, '')
    for (const part of input.match(/.{1,16}/gsu) ?? []) {
      spent += 1
      yield call(undefined, part)
    }
    yield* ending('tool_calls', turn, spent)
    return
  }
  const { text, matched } = untilStop(toAnswerText(last, prompt, chat), chat.stop ?? [])
  const said = words(text)
  const left = Math.max(limit - spent, 0)
  for (const word of said.slice(0, left)) yield delta({ content: word })
  yield* said.length > left
    ? ending('length', turn, spent + left)
    : ending('stop', turn, spent + said.length, matched)
}

/** Claude Code adds system messages and reminders behind what the user said (2.1, 2026-11); they are no prompt. */
function isPromptOrResult(message: ChatMessage): boolean {
  return message.role === 'tool' || (message.role === 'user' && toText(message).trim() !== '')
}

function toThought(last: ChatMessage | undefined, tool: ChatTool | undefined): string {
  if (tool !== undefined) return `The prompt asks for the ${tool.function.name} tool, so I call it.`
  if (last?.role === 'tool') return 'The tool has answered, so I say what it returned.'
  return 'I am the demo model, so I repeat the last line of the prompt.'
}

function toAnswerText(last: ChatMessage | undefined, prompt: string, chat: ChatRequest): string {
  if (last?.role === 'tool') return `The tool returned: ${toText(last)}`
  const schema = toAskedSchema(chat.response_format)
  if (schema !== undefined) return JSON.stringify(toMinimalValue(schema))
  const line = lastLine(prompt)
  return line === '' ? 'There was no text to repeat.' : line
}

function toAskedSchema(format: ChatRequest['response_format']): unknown {
  const wrapped = format?.['json_schema']
  return typeof wrapped === 'object' && wrapped !== null && 'schema' in wrapped ? wrapped.schema : undefined
}

function calledTool(prompt: string, { chat, toolNames }: DemoTurn): ChatTool | undefined {
  const asked = /\buse the ([\w.:-]+) tool\b/i.exec(prompt)?.[1]
  if (asked === undefined) return undefined
  return chat.tools?.find(({ function: { name } }) => name === asked || toolNames.get(name) === asked)
}

function toText({ content }: ChatMessage): string {
  const text =
    typeof content === 'string'
      ? content
      : (content ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('\n')
  return text.replace(/<system-reminder>[\s\S]*?<\/system-reminder>/g, '')
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1)?.trim() ?? ''
}

/** Each word with the space before it. */
function words(text: string): string[] {
  return text.match(/\s*\S+/g) ?? []
}

/** A stop string ends the answer and is not part of it. */
function untilStop(text: string, stops: readonly string[]): { text: string; matched?: string } {
  let end = text.length
  let matched: string | undefined
  for (const stop of stops) {
    const at = text.indexOf(stop)
    if (at === -1 || at >= end) continue
    end = at
    matched = stop
  }
  return matched === undefined ? { text } : { text: text.slice(0, end), matched }
}

function delta(fields: Record<string, unknown>): ChatChunk {
  return { choices: [{ index: 0, delta: fields, finish_reason: null }] }
}

function call(name: string | undefined, text: string): ChatChunk {
  const opening = name === undefined ? {} : { id: 'call_demo', type: 'function' }
  return delta({
    tool_calls: [
      { index: 0, ...opening, function: { ...(name === undefined ? {} : { name }), arguments: text } },
    ],
  })
}

function* ending(
  reason: string,
  { inputTokens }: DemoTurn,
  spent: number,
  matched?: string,
): Generator<ChatChunk> {
  yield {
    choices: [
      {
        index: 0,
        delta: {},
        finish_reason: reason,
        ...(matched === undefined ? {} : { stop_reason: matched }),
      },
    ],
  }
  yield {
    choices: [],
    usage: { prompt_tokens: inputTokens, completion_tokens: spent, total_tokens: inputTokens + spent },
  }
}
