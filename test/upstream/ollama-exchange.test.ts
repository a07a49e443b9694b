import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { STANDARD } from '../../lambda/providers/quirks.ts'
import { OLLAMA } from '../../lambda/providers/records/ollama.ts'
import { ollamaExchange } from '../../lambda/upstream/ollama-exchange.ts'
import { checkMessageEvents } from '../harness/message-event-rules.ts'
import { recordedLog } from '../harness/recorded-log.ts'
import { createGate } from '../harness/scripted-upstream.ts'
import { sharedFolder } from '../harness/shared-data.ts'
import { eventsOf, makeAttempt, makeRequest, makeTarget, startUpstream, textOf } from './attempt.ts'

const { path: corpus, skip } = sharedFolder('corpus')
const CORPUS = path.join(corpus, 'ollama-native')
const NDJSON = { 'content-type': 'application/x-ndjson' }

async function scripted(context: TestContext) {
  const upstream = await startUpstream(context)
  const target = makeTarget({
    dialect: 'ollama',
    url: `${upstream.origin}/api/chat`,
    key: 'none',
    model: `model of ${context.name}`,
    quirks: { ...STANDARD, ...OLLAMA.quirks },
    contextWindow: 32_768,
  })
  return { upstream, target }
}

function line(message: Record<string, unknown>, last: Record<string, unknown> = { done: false }): string {
  return `${JSON.stringify({ model: 'm', created_at: '2026-11-20T00:00:00Z', message: { role: 'assistant', ...message }, ...last })}\n`
}
const LAST = line({ content: '' }, { done: true, done_reason: 'stop', prompt_eval_count: 5, eval_count: 3 })

test('a turn goes there in Ollama’s own form and comes back as Anthropic events', async (context) => {
  const { upstream, target } = await scripted(context)
  upstream.next({ headers: NDJSON, steps: [line({ content: 'Hel' }), line({ content: 'lo' }), LAST] })
  const request = makeRequest({ temperature: 0.5, stop_sequences: ['END'], thinking: { type: 'disabled' } })
  const events = await eventsOf(await ollamaExchange(makeAttempt({ target, request })))
  checkMessageEvents(events)
  assert.equal(textOf(events), 'Hello')
  const sent = await upstream.request()
  assert.equal(sent.path, '/api/chat')
  assert.equal(sent.headers['authorization'], undefined)
  assert.deepEqual(sent.json(), {
    model: target.model,
    messages: [{ role: 'user', content: 'Say hello.' }],
    stream: true,
    think: false,
    options: { num_ctx: 32_768, num_predict: 100, temperature: 0.5, stop: ['END'] },
  })
})

test('a model that cannot think is asked again without, and never again with', async (context) => {
  const { upstream, target } = await scripted(context)
  upstream
    .next({ status: 400, steps: ['{"error":"\\"llama3:8b\\" does not support thinking"}'] })
    .always({ headers: NDJSON, steps: [line({ content: 'ok' }), LAST] })
  const request = makeRequest({ max_tokens: 2000, thinking: { type: 'enabled', budget_tokens: 1024 } })
  const log = recordedLog()
  await eventsOf(await ollamaExchange(makeAttempt({ target, request, log })))
  await eventsOf(await ollamaExchange(makeAttempt({ target, request, log })))
  assert.deepEqual(
    upstream.requests.map((asked) => asked.json()['think']),
    [true, undefined, undefined],
  )
  assert.match(JSON.stringify(log.lines), /reasoning_request: none/)
})

test('tool calls come whole, and a line that is cut by reads is one line', async (context) => {
  const { upstream, target } = await scripted(context)
  const call = line({
    content: '',
    tool_calls: [{ function: { name: 'get_weather', arguments: { city: 'Zürich' } } }],
  })
  const bytes = Buffer.from(`${call}${LAST}`)
  upstream.next({ headers: NDJSON, steps: [...bytes].map((byte) => Buffer.of(byte)) })
  const request = makeRequest({ tools: [{ name: 'get_weather', input_schema: { type: 'object' } }] })
  const events = await eventsOf(await ollamaExchange(makeAttempt({ target, request })))
  checkMessageEvents(events)
  assert.match(JSON.stringify(events), /Zürich/)
  assert.match(JSON.stringify(events), /"stop_reason":"tool_use"/)
})

test('an error line in the stream, a line that is no JSON, an empty answer: each is an error', async (context) => {
  const { upstream, target } = await scripted(context)
  for (const steps of [['{"error":"model runner has stopped"}\n'], ['nonsense\n'], []]) {
    upstream.next({ headers: NDJSON, steps })
    await assert.rejects(ollamaExchange(makeAttempt({ target })), { curable: true })
  }
})

test('a caller that leaves closes the upstream', async (context) => {
  const { upstream, target } = await scripted(context)
  upstream.next({ headers: NDJSON, steps: [line({ content: 'a' }), createGate()] })
  const leaving = new AbortController()
  const answer = await ollamaExchange(makeAttempt({ target, signal: leaving.signal }))
  const reading = eventsOf(answer)
  const reason = new Error('left')
  leaving.abort(reason)
  await assert.rejects(reading, reason)
  assert.equal(await (await upstream.request()).over, 'left')
})

test('every recorded answer comes through', { skip }, async (context) => {
  const { upstream, target } = await scripted(context)
  const files = globSync('*.{ndjson,json}', { cwd: CORPUS }).filter((file) => !file.endsWith('.request.json'))
  assert.ok(files.length > 5)
  for (const file of files) {
    upstream.next({ headers: NDJSON, steps: [readFileSync(path.join(CORPUS, file))] })
    checkMessageEvents(await eventsOf(await ollamaExchange(makeAttempt({ target }))))
  }
})
