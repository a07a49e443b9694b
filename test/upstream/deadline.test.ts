import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GatewayError } from '../../lambda/errors.ts'
import { lifeOf } from '../../lambda/upstream/deadline.ts'

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
