import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chunk, createGate, startScriptedUpstream, textReply } from './scripted-upstream.ts'

test('plays its scripts in order and records what it was asked', async () => {
  const upstream = await startScriptedUpstream()
  upstream.next(textReply('Hello'), { status: 429, headers: { 'retry-after': '1' } })
  const first = await fetch(`${upstream.url}/chat/completions`, { method: 'POST', body: '{"model":"m"}' })
  assert.match(await first.text(), /"content":"Hello"[\s\S]*\[DONE\]/)
  const second = await fetch(`${upstream.url}/chat/completions`, { method: 'POST', body: '{}' })
  assert.equal(second.status, 429)
  assert.equal(await second.text(), '')
  assert.deepEqual((await upstream.request(0)).json(), { model: 'm' })
  assert.equal(upstream.requests[1]?.path, '/v1/chat/completions')
  await upstream.close()
})

test('waits at a gate and tells when the reader has left', async () => {
  const upstream = await startScriptedUpstream()
  const gate = createGate()
  upstream.next({ steps: [chunk({ content: 'a' }), gate, chunk({ content: 'b' })] })
  const leaving = new AbortController()
  const answer = await fetch(upstream.url, { method: 'POST', body: '{}', signal: leaving.signal })
  await gate.reached
  leaving.abort()
  assert.equal(await (await upstream.request()).over, 'left')
  await assert.rejects(answer.text())
  await upstream.close()
})
