import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WireEvent } from '../../lambda/anthropic/message-event.ts'
import { GatewayError, toGatewayError } from '../../lambda/errors.ts'
import { lifeOf } from '../../lambda/upstream/deadline.ts'
import { withErrorEvent } from '../../lambda/upstream/error-event.ts'

const STOP: WireEvent = { type: 'message_stop' }

test('what is thrown becomes one error event, and nothing comes after it', async () => {
  const thrown: unknown[] = []
  const batches = (async function* (): AsyncGenerator<readonly WireEvent[]> {
    yield [STOP]
    throw new GatewayError('overloaded', 'Come back later.')
  })()
  const seen: WireEvent[] = []
  const wire = withErrorEvent(batches, 'req_1', (error) => {
    thrown.push(error)
    return toGatewayError(error)
  })
  for await (const batch of wire) seen.push(...batch)
  assert.equal(thrown.length, 1)
  assert.deepEqual(seen, [
    STOP,
    { type: 'error', error: { type: 'overloaded_error', message: 'Come back later.' }, request_id: 'req_1' },
  ])
})

test('who stops reading stops what is below', async () => {
  let closed = false
  const batches = (async function* (): AsyncGenerator<readonly WireEvent[]> {
    try {
      while (true) yield [STOP]
    } finally {
      closed = true
    }
  })()
  for await (const _ of withErrorEvent(batches, 'req_1', toGatewayError)) break
  assert.equal(closed, true)
})

test("the carrier's deadline fires with time to spare, as an error that may go out", async () => {
  const signal = lifeOf({ signal: new AbortController().signal, remainingMilliseconds: () => 3001 })
  await new Promise((resolve) => {
    signal.addEventListener('abort', resolve)
    // The deadline's own timer keeps no process alive; this one keeps the test.
    const keep = setInterval(() => signal.aborted && clearInterval(keep), 1)
  })
  assert.ok(signal.reason instanceof GatewayError)
  assert.equal(signal.reason.kind, 'timeout')
})

test("the caller's going ends a turn, with a deadline and without", () => {
  for (const remainingMilliseconds of [undefined, () => 60_000]) {
    const caller = new AbortController()
    const life = lifeOf({ signal: caller.signal, remainingMilliseconds })
    assert.equal(life.aborted, false)
    caller.abort()
    assert.equal(life.aborted, true)
  }
})
