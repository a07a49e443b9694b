import { checkRoot, checkStrict, isJson, type Json, type Rule } from './chat-schema-rules.ts'

/**
 * OpenAI's rules for a Chat Completions request, as its server enforces them (API reference and error texts, 2025-11),
 * so that no test of ours accepts what a provider would refuse. It knows nothing of how we convert.
 */

/** Fields beside OpenAI's own that a quirk added to the body or to an assistant message. */
export interface Extras {
  readonly body?: readonly string[]
  readonly assistant?: readonly string[]
}

const BODY_FIELDS = [
  'model',
  'messages',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'max_tokens',
  'max_completion_tokens',
  'temperature',
  'top_p',
  'stop',
  'response_format',
  'reasoning_effort',
  'user',
  'safety_identifier',
  'prompt_cache_key',
  'service_tier',
  'stream',
  'stream_options',
]

/** @returns every rule that the body breaks, with its place; empty for a good one. */
export function brokenChatRules(body: unknown, extras: Extras = {}): string[] {
  const broken: string[] = []
  const rule = (holds: boolean, text: string) => {
    if (!holds) broken.push(text)
  }
  if (!isJson(body)) return ['the body is not an object']
  rule(isPlain(body), 'the body is not plain JSON (undefined, NaN or the like)')
  for (const field of Object.keys(body)) {
    rule([...BODY_FIELDS, ...(extras.body ?? [])].includes(field), `unknown field ${field}`)
  }
  rule(typeof body['model'] === 'string' && body['model'] !== '', 'model: empty')
  checkLimits(body, rule)
  const names = checkTools(body, rule)
  checkChoice(body, names, rule)
  checkFormat(body['response_format'], rule)
  if (Array.isArray(body['messages']) && body['messages'].length > 0) {
    checkMessages(body['messages'], extras.assistant ?? [], rule)
  } else broken.push('messages: empty')
  return broken
}

function checkLimits(body: Json, rule: Rule): void {
  const limits = ['max_tokens', 'max_completion_tokens'].filter((field) => field in body)
  rule(limits.length === 1, 'exactly one output limit is needed')
  for (const field of limits)
    rule(isWhole(body[field]) && Number(body[field]) > 0, `${field}: not a positive whole number`)
  rule(inRange(body['temperature'], 0, 2), 'temperature: out of range')
  rule(inRange(body['top_p'], 0, 1), 'top_p: out of range')
  for (const field of ['user', 'prompt_cache_key', 'safety_identifier']) {
    const value = body[field]
    rule(
      value === undefined || (typeof value === 'string' && value !== '' && value.length <= 64),
      `${field}: not 1 to 64 characters`,
    )
  }
  const stop = body['stop']
  rule(
    stop === undefined ||
      (Array.isArray(stop) &&
        stop.length >= 1 &&
        stop.length <= 4 &&
        stop.every((one) => typeof one === 'string' && one !== '')),
    'stop: not one to four strings',
  )
  rule(body['stream'] === true || body['stream_options'] === undefined, 'stream_options without stream')
}

function checkTools(body: Json, rule: Rule): string[] {
  const tools = body['tools']
  if (tools === undefined) return []
  if (!Array.isArray(tools) || tools.length === 0) {
    rule(false, 'tools: an empty list is refused')
    return []
  }
  const names = tools.map((tool, index) => checkTool(tool, `tools.${index}`, rule))
  rule(new Set(names).size === names.length, 'tools: a name stands twice')
  rule(tools.length <= 128, 'tools: more than 128')
  return names
}

function checkTool(tool: unknown, path: string, rule: Rule): string {
  const fn = isJson(tool) ? tool['function'] : undefined
  if (!isJson(tool) || !isJson(fn)) {
    rule(false, `${path}: not a function`)
    return path
  }
  onlyFields(tool, ['type', 'function', 'cache_control'], path, rule)
  onlyFields(fn, ['name', 'description', 'parameters', 'strict'], `${path}.function`, rule)
  rule(isName(fn['name']), `${path}.function.name: ${String(fn['name'])}`)
  rule(
    fn['description'] === undefined || typeof fn['description'] === 'string',
    `${path}.function.description: not a string`,
  )
  checkRoot(fn['parameters'], `${path}.function.parameters`, rule)
  if (fn['strict'] === true) checkStrict(fn['parameters'], `${path}.function.parameters`, rule)
  return String(fn['name'])
}

function checkChoice(body: Json, names: readonly string[], rule: Rule): void {
  const choice = body['tool_choice']
  if (choice !== undefined) {
    rule(names.length > 0, 'tool_choice without tools')
    const named = isJson(choice) && isJson(choice['function']) ? choice['function']['name'] : undefined
    rule(
      ['auto', 'none', 'required'].includes(String(choice)) ||
        (typeof named === 'string' && names.includes(named)),
      'tool_choice: unknown',
    )
  }
  rule(body['parallel_tool_calls'] === undefined || names.length > 0, 'parallel_tool_calls without tools')
}

function checkFormat(format: unknown, rule: Rule): void {
  if (format === undefined) return
  if (!isJson(format)) {
    rule(false, 'response_format: not an object')
    return
  }
  if (format['type'] === 'json_object') return
  const inner = format['json_schema']
  if (format['type'] !== 'json_schema' || !isJson(inner)) {
    rule(false, 'response_format: unknown type')
    return
  }
  rule(isName(inner['name']), 'response_format: name')
  checkRoot(inner['schema'], 'response_format.schema', rule)
  if (inner['strict'] === true) checkStrict(inner['schema'], 'response_format.schema', rule)
}

/** Each call answered once, by tool messages right behind the assistant message that made it. */
function checkMessages(messages: readonly unknown[], assistantExtras: readonly string[], rule: Rule): void {
  let open: string[] = []
  for (const [index, message] of messages.entries()) {
    const path = `messages.${index}`
    if (!isJson(message)) {
      rule(false, `${path}: not an object`)
      continue
    }
    if (message['role'] === 'tool') {
      const id = String(message['tool_call_id'])
      rule(open.includes(id), `${path}: a tool message that answers no call before it (${id})`)
      open = open.filter((one) => one !== id)
    } else {
      rule(open.length === 0, `${path}: calls without a tool message: ${open.join(', ')}`)
      open = []
    }
    open = [...open, ...checkMessage(message, path, assistantExtras, rule)]
  }
  rule(open.length === 0, `the last calls have no tool message: ${open.join(', ')}`)
}

function checkMessage(message: Json, path: string, assistantExtras: readonly string[], rule: Rule): string[] {
  switch (message['role']) {
    case 'system':
    case 'developer':
      onlyFields(message, ['role', 'content'], path, rule)
      checkContent(message['content'], ['text'], path, rule)
      return []
    case 'user':
      onlyFields(message, ['role', 'content'], path, rule)
      checkContent(message['content'], ['text', 'image_url', 'file'], path, rule)
      return []
    case 'tool':
      onlyFields(message, ['role', 'content', 'tool_call_id'], path, rule)
      checkContent(message['content'], ['text'], path, rule)
      return []
    case 'assistant':
      onlyFields(message, ['role', 'content', 'tool_calls', ...assistantExtras], path, rule)
      return checkAssistant(message, path, rule)
    default:
      rule(false, `${path}.role: ${String(message['role'])}`)
      return []
  }
}

function checkAssistant(message: Json, path: string, rule: Rule): string[] {
  const calls = message['tool_calls']
  const content = message['content']
  if (calls === undefined) {
    checkContent(content, ['text', 'thinking'], path, rule)
    return []
  }
  if (content !== null && content !== '') checkContent(content, ['text', 'thinking'], path, rule)
  if (!Array.isArray(calls) || calls.length === 0) {
    rule(false, `${path}.tool_calls: empty`)
    return []
  }
  const ids = calls.map((call, index) => checkCall(call, `${path}.tool_calls.${index}`, rule))
  rule(new Set(ids).size === ids.length, `${path}: two calls with one id`)
  return ids
}

function checkCall(call: unknown, path: string, rule: Rule): string {
  const fn = isJson(call) ? call['function'] : undefined
  if (!isJson(call) || !isJson(fn)) {
    rule(false, `${path}: not a call`)
    return path
  }
  onlyFields(call, ['id', 'type', 'function', 'extra_content'], path, rule)
  onlyFields(fn, ['name', 'arguments'], `${path}.function`, rule)
  rule(call['type'] === 'function', `${path}.type`)
  rule(typeof call['id'] === 'string' && call['id'] !== '', `${path}.id`)
  rule(isName(fn['name']), `${path}.function.name: ${String(fn['name'])}`)
  rule(
    typeof fn['arguments'] === 'string' && isJson(JSON.parse(fn['arguments'])),
    `${path}.function.arguments: not a JSON object`,
  )
  return String(call['id'])
}

function checkContent(content: unknown, types: readonly string[], path: string, rule: Rule): void {
  if (typeof content === 'string') {
    rule(content !== '', `${path}.content: empty`)
    return
  }
  if (!Array.isArray(content) || content.length === 0) {
    rule(false, `${path}.content: neither text nor parts`)
    return
  }
  for (const [index, part] of content.entries()) {
    const place = `${path}.content.${index}`
    if (!isJson(part)) {
      rule(false, `${place}: not a part`)
      continue
    }
    rule(types.includes(String(part['type'])), `${place}.type: ${String(part['type'])}`)
    if (part['type'] === 'text')
      rule(typeof part['text'] === 'string' && part['text'] !== '', `${place}.text: empty`)
    if (part['type'] === 'image_url') {
      const url = isJson(part['image_url']) ? part['image_url']['url'] : undefined
      rule(typeof url === 'string' && /^(https?:|data:image\/)/.test(url), `${place}.image_url`)
    }
    if (part['type'] === 'file') {
      const data = isJson(part['file']) ? part['file']['file_data'] : undefined
      rule(typeof data === 'string' && data.startsWith('data:application/pdf;base64,'), `${place}.file`)
    }
  }
}

function onlyFields(record: Json, known: readonly string[], path: string, rule: Rule): void {
  for (const field of Object.keys(record)) rule(known.includes(field), `${path}: unknown field ${field}`)
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && /^[a-zA-Z0-9_-]{1,64}$/.test(value)
}

function isWhole(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value)
}

function inRange(value: unknown, least: number, most: number): boolean {
  return value === undefined || (typeof value === 'number' && value >= least && value <= most)
}

/** JSON.stringify drops undefined and writes NaN as null, so neither may be there. */
function isPlain(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  return typeof value === 'object' && Object.values(value).every(isPlain)
}
