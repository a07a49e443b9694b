import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chunk, createGate, DONE, errorReply, textReply, usageChunk } from '../harness/scripted-upstream.ts'
import { openScene, type SceneOptions } from './scene.ts'

/** Claude Code through providers that fail, as they do. */

const NO_RETRIES: SceneOptions = { model: { retries: { max_retries: 0 } } }
const FEW = { CLAUDE_CODE_MAX_RETRIES: '2' }

test('a 429 and then an answer is not noticed', async (context) => {
  const { upstream, claude, assertGood } = await openScene(context)
  upstream.next(errorReply(429, 'Rate limit reached', { 'retry-after': '1' })).always(textReply('After all.'))
  const run = await claude('Hello')
  assertGood(run)
  assert.equal(run.result['result'], 'After all.')
  assert.equal(upstream.requests.length, 2)
})

test('a 500 and then an answer is not noticed', async (context) => {
  const { upstream, claude, assertGood } = await openScene(context)
  upstream.next(errorReply(500, 'once')).always(textReply('After all.'))
  assertGood(await claude('Hello'))
})

test('a 500 that the gateway may not repeat is repeated by the client', async (context) => {
  const { upstream, claude } = await openScene(context, NO_RETRIES)
  upstream.next(errorReply(500, 'once')).always(textReply('After all.'))
  const run = await claude('Hello', { environment: FEW })
  assert.equal(run.result['result'], 'After all.')
})

test('an error in mid-stream makes the client ask again, and no half answer stays', async (context) => {
  const { upstream, claude } = await openScene(context, NO_RETRIES)
  upstream
    .next({
      steps: [chunk({ content: 'half an ' }), `data: {"error":{"message":"overloaded","code":503}}\n\n`],
    })
    .always(textReply('Whole.'))
  const run = await claude('Hello', { environment: FEW })
  assert.equal(run.result['result'], 'Whole.')
})

test('a connection that is cut makes the client ask again', async (context) => {
  const { upstream, claude } = await openScene(context, NO_RETRIES)
  upstream.next({ steps: [chunk({ content: 'half an ' }), { cut: true }] }).always(textReply('Whole.'))
  const run = await claude('Hello', { environment: FEW })
  assert.equal(run.result['result'], 'Whole.')
})

test('a long silence is bridged by pings', async (context) => {
  const { upstream, claude, assertGood } = await openScene(context, { settings: { ping_seconds: 0.2 } })
  const gate = createGate()
  upstream.always({
    steps: [
      chunk({ content: 'Slow ' }),
      gate,
      chunk({ content: 'but sure.' }),
      chunk({}, 'stop'),
      usageChunk(3, 3),
      DONE,
    ],
  })
  void gate.reached.then(() => setTimeout(gate.open, 1500))
  const run = await claude('Hello')
  assertGood(run)
  assert.equal(run.result['result'], 'Slow but sure.')
})

test('an overflow says what Claude Code understands', async (context) => {
  const { upstream, claude } = await openScene(context, NO_RETRIES)
  upstream.always(
    errorReply(
      400,
      "This model's maximum context length is 8192 tokens. However, your messages resulted in 12000 tokens.",
    ),
  )
  const run = await claude('Hello', { environment: FEW })
  assert.match(JSON.stringify(run.result), /[Pp]rompt is too long/)
  assert.equal(upstream.requests.length, 1)
})

test('a spent quota ends at once, with words that help', async (context) => {
  const { upstream, claude } = await openScene(context, NO_RETRIES)
  upstream.always({
    ...errorReply(429, 'You exceeded your current quota, please check your plan and billing details.'),
    steps: [
      JSON.stringify({
        error: {
          message: 'You exceeded your current quota, please check your plan.',
          type: 'insufficient_quota',
          code: 'insufficient_quota',
        },
      }),
    ],
  })
  const run = await claude('Hello')
  assert.equal(run.result['is_error'], true)
  assert.match(JSON.stringify(run.result), /quota/)
  assert.equal(upstream.requests.length, 1)
})
