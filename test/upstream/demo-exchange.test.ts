import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MessagesRequest } from '../../lambda/anthropic/messages-request.ts'
import { STANDARD } from '../../lambda/providers/quirks.ts'
import { DEMO } from '../../lambda/providers/records/demo.ts'
import { demoExchange } from '../../lambda/upstream/demo-exchange.ts'
import { checkMessageEvents } from '../harness/message-event-rules.ts'
import { sdkFold } from '../harness/sdk-fold.ts'
import { collected, makeAttempt, makeRequest, makeTarget } from './attempt.ts'

const TARGET = makeTarget({
  dialect: 'demo',
  url: 'demo:',
  key: 'none',
  quirks: { ...STANDARD, ...DEMO.quirks },
})

async function answerTo(changes: Partial<MessagesRequest>) {
  const answer = await demoExchange(makeAttempt({ target: TARGET, request: makeRequest(changes) }))
  assert.ok(answer.kind === 'events')
  const events = await collected(answer.events)
  checkMessageEvents(events)
  return sdkFold(events)
}

const TOOL = {
  name: 'mcp__files__a_name_that_is_far_longer_than_the_sixty_four_characters_that_most_providers_take',
  input_schema: {
    type: 'object',
    required: ['path', 'mode', 'lines'],
    properties: {
      path: { type: 'string' },
      mode: { enum: ['read', 'write'] },
      lines: { type: 'array', minItems: 1, items: { type: 'integer', minimum: 3 } },
      note: { type: 'string' },
    },
  },
}

test('repeats the last line of the prompt', async () => {
  const message = await answerTo({
    messages: [{ role: 'user', content: 'Some context.\n\nHello dear world!\n' }],
  })
  assert.deepEqual(
    message.content.map((block) => (block.type === 'text' ? block.text : block.type)),
    ['Hello dear world!'],
  )
  assert.equal(message.stop_reason, 'end_turn')
  assert.equal(message.usage.output_tokens, 3)
})

test('thinks first when thinking is asked for', async () => {
  for (const thinking of [{ type: 'enabled' as const, budget_tokens: 1024 }, { type: 'adaptive' as const }]) {
    const message = await answerTo({ max_tokens: 4000, thinking })
    assert.deepEqual(
      message.content.map(({ type }) => type),
      ['thinking', 'text'],
    )
  }
})

test('calls the tool that the prompt names, with an input that satisfies its schema', async () => {
  const messages = [{ role: 'user' as const, content: `Please use the ${TOOL.name} tool.` }]
  const message = await answerTo({ messages, tools: [TOOL] })
  const call = message.content.find((block) => block.type === 'tool_use')
  assert.equal(call?.name, TOOL.name)
  assert.deepEqual(call?.input, { path: 'demo', mode: 'read', lines: [3] })
  assert.equal(message.stop_reason, 'tool_use')
})

test('says what a tool returned', async () => {
  const message = await answerTo({
    tools: [TOOL],
    messages: [
      { role: 'user', content: 'Use it.' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: TOOL.name, input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: '42 lines' }] },
    ],
  })
  assert.deepEqual(
    message.content.map((block) => (block.type === 'text' ? block.text : block.type)),
    ['The tool returned: 42 lines'],
  )
})

test('respects the limit and the stop sequences', async () => {
  const messages = [{ role: 'user' as const, content: 'one two three four' }]
  const cut = await answerTo({ messages, max_tokens: 2 })
  assert.equal(cut.stop_reason, 'max_tokens')
  assert.deepEqual(
    cut.content.map((block) => (block.type === 'text' ? block.text : block.type)),
    ['one two'],
  )
  const stopped = await answerTo({ messages, stop_sequences: ['never', ' three'] })
  assert.equal(stopped.stop_reason, 'stop_sequence')
  assert.equal(stopped.stop_sequence, ' three')
  assert.deepEqual(
    stopped.content.map((block) => (block.type === 'text' ? block.text : block.type)),
    ['one two'],
  )
})

test('fills a schema that is asked for', async () => {
  const schema = { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } }
  const message = await answerTo({ output_config: { format: { type: 'json_schema', schema } } })
  const [block] = message.content
  assert.ok(block?.type === 'text')
  assert.deepEqual(JSON.parse(block.text), { n: 0 })
})

test('stops at once when the caller leaves', async () => {
  const leaving = new AbortController()
  const request = makeRequest({ messages: [{ role: 'user', content: 'word '.repeat(500) }] })
  const answer = await demoExchange(makeAttempt({ target: TARGET, request, signal: leaving.signal }))
  assert.ok(answer.kind === 'events')
  const reason = new Error('left')
  leaving.abort(reason)
  await assert.rejects(collected(answer.events), reason)
})
