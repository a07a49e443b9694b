import type { ChatContentPart, ChatMessage, ChatRequest, ChatToolCall } from '../openai/chat-request.ts'
import { isRecord } from './block-fields.ts'

/** The body of Ollama's own `/api/chat` (github.com/ollama/ollama, docs/api.md and thinking.mdx, 2026-11). */
export interface OllamaRequest {
  model: string
  messages: OllamaMessage[]
  stream: true
  tools?: { type: 'function'; function: Record<string, unknown> }[]
  /** "json", or the schema itself. */
  format?: unknown
  think?: boolean | string
  keep_alive?: string | number
  options?: Record<string, unknown>
  [field: string]: unknown
}

export interface OllamaMessage {
  role: 'system' | 'user' | 'assistant' | 'tool'
  content: string
  /** Base64 without the `data:` prefix. */
  images?: string[]
  thinking?: string
  tool_calls?: { id?: string; function: { name: string; arguments: unknown } }[]
  tool_name?: string
  tool_call_id?: string
}

/** Fields of Chat Completions that Ollama takes inside `options`. */
const OPTIONS = [
  'temperature',
  'top_p',
  'top_k',
  'min_p',
  'seed',
  'stop',
  'repeat_penalty',
  'presence_penalty',
  'frequency_penalty',
] as const

/** Fields that are rewritten below, or that Ollama has no word for. Everything else passes, `keep_alive` among it. */
const NOT_PASSED = new Set<string>([
  ...OPTIONS,
  'model',
  'messages',
  'stream',
  'stream_options',
  'max_tokens',
  'max_completion_tokens',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'response_format',
  'reasoning_effort',
  'reasoning',
  'thinking',
  'user',
  'options',
])

/**
 * A Chat Completions request as Ollama's own. `num_ctx` is always said where the context window is known: Ollama's
 * default is small, and it cuts a longer prompt without a word. `options` in the body win over everything.
 */
export function toOllamaRequest(chat: ChatRequest, contextWindow?: number): OllamaRequest {
  const passed = Object.fromEntries(Object.entries(chat).filter(([name]) => !NOT_PASSED.has(name)))
  const options = toOptions(chat, contextWindow)
  const think = toThink(chat)
  const format = toFormat(chat.response_format)
  return {
    model: chat.model,
    messages: toOllamaMessages(chat.messages),
    stream: true,
    ...(chat.tools ? { tools: chat.tools.map(toTool) } : {}),
    ...(format === undefined ? {} : { format }),
    ...(think === undefined ? {} : { think }),
    ...(Object.keys(options).length > 0 ? { options } : {}),
    ...passed,
  }
}

function toOptions(chat: ChatRequest, contextWindow: number | undefined): Record<string, unknown> {
  const options: Record<string, unknown> = {}
  if (contextWindow !== undefined) options['num_ctx'] = contextWindow
  const limit = chat.max_completion_tokens ?? chat.max_tokens
  if (limit !== undefined) options['num_predict'] = limit
  for (const name of OPTIONS) if (chat[name] !== undefined) options[name] = chat[name]
  return isRecord(chat['options']) ? { ...options, ...chat['options'] } : options
}

/** Most models take true and false; gpt-oss only levels. Which of the two is asked for is the record's choice. */
function toThink({ thinking, reasoning_effort: effort }: ChatRequest): boolean | string | undefined {
  if (typeof effort === 'string') return effort === 'none' ? false : effort
  if (isRecord(thinking)) return thinking['type'] !== 'disabled'
  return undefined
}

function toFormat(responseFormat: ChatRequest['response_format']): unknown {
  if (!responseFormat) return undefined
  const { type, json_schema: wrapped } = responseFormat
  if (type === 'json_object') return 'json'
  return type === 'json_schema' && isRecord(wrapped) ? wrapped['schema'] : undefined
}

function toTool({ function: { name, description, parameters } }: NonNullable<ChatRequest['tools']>[number]) {
  return {
    type: 'function' as const,
    function: {
      name,
      ...(description === undefined ? {} : { description }),
      parameters: parameters ?? { type: 'object', properties: {} },
    },
  }
}

function toOllamaMessages(messages: readonly ChatMessage[]): OllamaMessage[] {
  // Ollama tells the result of a tool by the tool's name; ids are young there, so both go.
  const toolNames = new Map<string, string>()
  return messages.map((message) => {
    for (const call of message.tool_calls ?? []) toolNames.set(call.id, call.function.name)
    const { text, images } = toContent(message.content)
    const id = message.tool_call_id
    const toolName = id === undefined ? undefined : toolNames.get(id)
    const thinking = message.reasoning ?? message.reasoning_content
    return {
      role: message.role === 'developer' ? 'system' : message.role,
      content: text,
      ...(images.length > 0 ? { images } : {}),
      ...(thinking ? { thinking } : {}),
      ...(message.tool_calls?.length ? { tool_calls: message.tool_calls.map(toToolCall) } : {}),
      ...(toolName === undefined ? {} : { tool_name: toolName }),
      ...(id === undefined ? {} : { tool_call_id: id }),
    }
  })
}

function toContent(content: ChatMessage['content']): { text: string; images: string[] } {
  if (typeof content === 'string') return { text: content, images: [] }
  const texts: string[] = []
  const images: string[] = []
  for (const part of content ?? []) {
    const image = toImage(part)
    if (image !== undefined) images.push(image)
    else if (part.type === 'text') texts.push(part.text)
    else if (part.type === 'image_url')
      texts.push('[An image by its address, which this model server cannot fetch.]')
  }
  return { text: texts.join('\n'), images }
}

function toImage(part: ChatContentPart): string | undefined {
  if (part.type !== 'image_url') return undefined
  return /^data:[^,]*;base64,(.*)$/s.exec(part.image_url.url)?.[1]
}

function toToolCall({ id, function: { name, arguments: text } }: ChatToolCall) {
  return { id, function: { name, arguments: toObject(text) } }
}

/** Ollama takes the arguments as an object, where Chat Completions has their text. */
function toObject(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : {}
  } catch {
    // The history may hold a call that was cut; Ollama would refuse the whole request over it.
    return {}
  }
}
