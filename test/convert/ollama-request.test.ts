import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toOllamaRequest } from '../../lambda/convert/ollama-request.ts'
import type { ChatMessage, ChatRequest } from '../../lambda/openai/chat-request.ts'

function chat(changes: Partial<ChatRequest> = {}): ChatRequest {
  return { model: 'm', messages: [{ role: 'user', content: 'hi' }], stream: true, ...changes }
}

function messages(...given: ChatMessage[]) {
  return toOllamaRequest(chat({ messages: given })).messages
}

test('limits and sampling stand inside options, where what is said there wins', () => {
  const request = toOllamaRequest(
    chat({
      max_tokens: 5,
      temperature: 0,
      top_k: 3,
      seed: 1,
      stop: ['a'],
      options: { num_ctx: 1000, temperature: 1 },
    }),
    4096,
  )
  assert.deepEqual(request.options, {
    num_ctx: 1000,
    num_predict: 5,
    temperature: 1,
    top_k: 3,
    seed: 1,
    stop: ['a'],
  })
  assert.equal(toOllamaRequest(chat(), 4096).options?.['num_ctx'], 4096)
  assert.equal(toOllamaRequest(chat()).options, undefined)
})

test('what Ollama has no word for is left out; keep_alive and other fields of its own pass', () => {
  const request = toOllamaRequest(
    chat({
      stream_options: { include_usage: true },
      tool_choice: 'auto',
      parallel_tool_calls: false,
      user: 'u',
      keep_alive: '30m',
    }),
  )
  assert.deepEqual(Object.keys(request).sort(), ['keep_alive', 'messages', 'model', 'stream'])
})

test('thinking is asked for by true, false or a level', () => {
  assert.equal(toOllamaRequest(chat({ thinking: { type: 'enabled' } })).think, true)
  assert.equal(toOllamaRequest(chat({ thinking: { type: 'disabled' } })).think, false)
  assert.equal(toOllamaRequest(chat({ reasoning_effort: 'high' })).think, 'high')
  assert.equal(toOllamaRequest(chat({ reasoning_effort: 'none' })).think, false)
  assert.equal(toOllamaRequest(chat()).think, undefined)
  assert.equal(toOllamaRequest(chat({ think: 'low', thinking: { type: 'enabled' } })).think, 'low')
})

test('a format is the schema itself', () => {
  const schema = { type: 'object' }
  const wanted = { type: 'json_schema', json_schema: { name: 'a', schema, strict: true } }
  assert.deepEqual(toOllamaRequest(chat({ response_format: wanted })).format, schema)
  assert.equal(toOllamaRequest(chat({ response_format: { type: 'json_object' } })).format, 'json')
})

test('images are bare base64 beside the text', () => {
  const [message] = messages({
    role: 'user',
    content: [
      { type: 'text', text: 'what' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
      { type: 'text', text: 'is this?' },
      { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
    ],
  })
  assert.deepEqual(message?.images, ['AAAA'])
  assert.match(message?.content ?? '', /^what\nis this\?\n\[An image by its address/)
})

test('a tool call and its result find each other by name, and arguments are an object', () => {
  const said = messages(
    {
      role: 'assistant',
      content: null,
      reasoning: 'hm',
      tool_calls: [
        { id: 'a', type: 'function', function: { name: 'one', arguments: '{"x":1}' } },
        { id: 'b', type: 'function', function: { name: 'two', arguments: '{"cut' } },
      ],
    },
    { role: 'tool', tool_call_id: 'b', content: 'result' },
  )
  assert.deepEqual(said, [
    {
      role: 'assistant',
      content: '',
      thinking: 'hm',
      tool_calls: [
        { id: 'a', function: { name: 'one', arguments: { x: 1 } } },
        { id: 'b', function: { name: 'two', arguments: {} } },
      ],
    },
    { role: 'tool', content: 'result', tool_name: 'two', tool_call_id: 'b' },
  ])
})

test('a developer is the system, and a tool needs parameters', () => {
  assert.equal(messages({ role: 'developer', content: 'a' })[0]?.role, 'system')
  const request = toOllamaRequest(
    chat({ tools: [{ type: 'function', function: { name: 't', strict: true } }] }),
  )
  assert.deepEqual(request.tools, [
    { type: 'function', function: { name: 't', parameters: { type: 'object', properties: {} } } },
  ])
})
