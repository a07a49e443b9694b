import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withoutParameters } from '../../lambda/convert/without-parameters.ts'

const BODY = {
  model: 'm',
  messages: [
    {
      role: 'assistant',
      content: 'a',
      reasoning_content: 'why',
      tool_calls: [{ function: { arguments: '{}' } }],
    },
    { role: 'user', content: [{ type: 'text', text: 'b', cache_control: { type: 'ephemeral' } }] },
  ],
  stream: true,
  tools: [
    {
      type: 'function',
      function: { name: 't', strict: true, parameters: { properties: { strict: { type: 'string' } } } },
    },
  ],
  max_tokens: 10,
  temperature: 1,
  chat_template_kwargs: { enable_thinking: true },
  extra_body: { google: { thinking_config: { include_thoughts: true, thinking_budget: 5 } } },
}

const ROWS: [name: string, expected: Record<string, unknown>][] = [
  ['temperature', { temperature: undefined }],
  ['max_tokens', { max_tokens: undefined, max_completion_tokens: 10 }],
  ['chat_template_kwargs', { chat_template_kwargs: undefined }],
  ['chat_template_kwargs.enable_thinking', { chat_template_kwargs: undefined }],
  ['enable_thinking', { chat_template_kwargs: undefined }],
  ['thinking_budget', { extra_body: { google: { thinking_config: { include_thoughts: true } } } }],
  ['body -> temperature', { temperature: undefined }],
]

for (const [name, expected] of ROWS) {
  test(`${name} is left out, and nothing else`, () => {
    const { body, dropped } = withoutParameters(BODY, [name])
    assert.deepEqual(dropped, [name])
    assert.deepEqual(JSON.parse(JSON.stringify(body)), JSON.parse(JSON.stringify({ ...BODY, ...expected })))
  })
}

test('reasoning goes out of the whole history, however its place is written', () => {
  for (const name of [
    'reasoning_content',
    'messages[0].reasoning_content',
    'messages.0.assistant.reasoning_content',
  ]) {
    const { body, dropped } = withoutParameters(BODY, [name])
    assert.deepEqual(dropped, [name])
    assert.doesNotMatch(JSON.stringify(body['messages']), /reasoning_content/)
    assert.deepEqual(body['tools'], BODY.tools)
  }
})

test("a field of ours on tools goes; a property of the caller's schema with the same name stays", () => {
  const { body, dropped } = withoutParameters(BODY, ['tools.0.function.strict'])
  assert.deepEqual(dropped, ['tools.0.function.strict'])
  assert.deepEqual(body['tools'], [
    { type: 'function', function: { name: 't', parameters: { properties: { strict: { type: 'string' } } } } },
  ])
})

test('a cache marker goes from messages', () => {
  const { body } = withoutParameters(BODY, ['cache_control'])
  assert.doesNotMatch(JSON.stringify(body['messages']), /cache_control/)
})

test('without these it is another request, so they stay', () => {
  for (const name of ['model', 'messages', 'stream', 'tools', 'response_format', 'never_sent', '', 'body']) {
    const { body, dropped } = withoutParameters(BODY, [name])
    assert.deepEqual(dropped, [])
    assert.deepEqual(body, BODY)
  }
})

test('the body that was given is not touched', () => {
  const before = structuredClone(BODY)
  withoutParameters(BODY, ['reasoning_content', 'strict', 'thinking_budget', 'max_tokens'])
  assert.deepEqual(BODY, before)
})
