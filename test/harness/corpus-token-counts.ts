import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CountTokensRequest } from '../../lambda/anthropic/messages-request.ts'

/** A recorded request whose answer says how many tokens it had. */
export interface CountedRequest {
  readonly file: string
  readonly provider: string
  readonly model: string
  readonly request: CountTokensRequest
  /** The provider's own count, cache reads included. */
  readonly tokens: number
}

interface Entry {
  readonly file: string
  readonly provider: string
  readonly model: string
  readonly status?: number
  readonly request?: string
}

type Json = Record<string, unknown>

/** Every successful recording with a request and a usage, its request as one of the Messages API. */
export function readCountedRequests(corpus: string): CountedRequest[] {
  const manifest: readonly Entry[] = JSON.parse(readFileSync(join(corpus, 'manifest.json'), 'utf8'))
  return manifest.flatMap((entry) => {
    if (entry.request === undefined || (entry.status ?? 200) !== 200) return []
    const tokens = lastCount(readFileSync(join(corpus, entry.file), 'utf8'))
    const request = toMessages(JSON.parse(readFileSync(join(corpus, entry.request), 'utf8')))
    return tokens === undefined || request === undefined
      ? []
      : [{ file: entry.file, provider: entry.provider, model: entry.model, request, tokens }]
  })
}

function lastCount(answer: string): number | undefined {
  const counts = [answer, ...answer.split(/\r?\n/)].flatMap((line) => {
    try {
      return countIn(JSON.parse(line.replace(/^data:\s*/, ''))) ?? []
    } catch {
      return []
    }
  })
  return counts.at(-1)
}

function countIn(value: unknown): number | undefined {
  if (!isJson(value)) return undefined
  const inner = [
    value['usage'],
    isJson(value['x_groq']) && value['x_groq']['usage'],
    isJson(value['message']) && value['message']['usage'],
  ]
  const usage = inner.find(isJson)
  if (typeof value['prompt_eval_count'] === 'number') return value['prompt_eval_count']
  if (usage === undefined) return undefined
  const read = (field: string) => (typeof usage[field] === 'number' ? usage[field] : 0)
  const total =
    read('prompt_tokens') ||
    read('input_tokens') + read('cache_read_input_tokens') + read('cache_creation_input_tokens')
  return total > 0 ? total : undefined
}

function toMessages(body: Json): CountTokensRequest | undefined {
  const messages = body['messages']
  if (!Array.isArray(messages)) return undefined
  if (typeof body['system'] === 'string' || Array.isArray(body['system']) || isAnthropic(body, messages)) {
    return { ...body, model: 'm', messages }
  }
  const tools = Array.isArray(body['tools']) ? body['tools'].filter(isJson).map((tool) => toTool(tool)) : []
  return { model: 'm', messages: messages.filter(isJson).map(toMessage), tools, ...toOutputConfig(body) }
}

function toOutputConfig(body: Json): Pick<CountTokensRequest, 'output_config'> {
  const format = isJson(body['response_format']) ? body['response_format']['json_schema'] : undefined
  const schema = isJson(format) ? format['schema'] : undefined
  return isJson(schema) ? { output_config: { format: { type: 'json_schema', schema } } } : {}
}

function isAnthropic(body: Json, messages: readonly unknown[]): boolean {
  const tool = Array.isArray(body['tools']) ? body['tools'][0] : undefined
  if (isJson(tool)) return !isJson(tool['function'])
  return (
    'max_tokens' in body &&
    messages.some(
      (message) => isJson(message) && JSON.stringify(message['content'] ?? '').includes('"source"'),
    )
  )
}

function toTool(tool: Json) {
  const fn = isJson(tool['function']) ? tool['function'] : tool
  return {
    name: String(fn['name']),
    description: typeof fn['description'] === 'string' ? fn['description'] : '',
    input_schema: isJson(fn['parameters']) ? fn['parameters'] : { type: 'object' },
  }
}

function toMessage(message: Json): CountTokensRequest['messages'][number] {
  const blocks = toBlocks(message['content'])
  if (message['role'] === 'tool') {
    return {
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: String(message['tool_call_id']), content: blocks }],
    }
  }
  const calls = Array.isArray(message['tool_calls']) ? message['tool_calls'].filter(isJson).map(toCall) : []
  const role = message['role'] === 'assistant' ? 'assistant' : message['role'] === 'user' ? 'user' : 'system'
  return { role, content: [...blocks, ...calls] }
}

function toCall(call: Json) {
  const fn = isJson(call['function']) ? call['function'] : {}
  const input = typeof fn['arguments'] === 'string' ? JSON.parse(fn['arguments'] || '{}') : fn['arguments']
  return { type: 'tool_use', id: String(call['id']), name: String(fn['name']), input }
}

function toBlocks(content: unknown): { type: string; [field: string]: unknown }[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  if (!Array.isArray(content)) return []
  return content.filter(isJson).map((part) => {
    if (typeof part['text'] === 'string') return { type: 'text', text: part['text'] }
    const image = isJson(part['image_url']) ? part['image_url']['url'] : part['image_url']
    if (typeof image !== 'string') return { type: 'text', text: '' }
    const data = image.slice(image.indexOf(',') + 1)
    return {
      type: 'image',
      source: image.startsWith('data:') ? { type: 'base64', data } : { type: 'url', url: image },
    }
  })
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
