import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { writeBody } from '../lambda/write-body.ts'

/** A body without an end that says whether it was told to stop. */
function endless() {
  const state = { pieces: 0, ended: false }
  const body = (async function* () {
    try {
      for (;;) {
        state.pieces += 1
        yield 'piece'
      }
    } finally {
      state.ended = true
    }
  })()
  return { state, body }
}

/** Takes one piece and is full then. */
function stalled(): Writable {
  return new Writable({ highWaterMark: 1, write: () => {} })
}

test('a sink that takes nothing stops the reading, and its end is the end of the body', async () => {
  for (const leave of ['destroy', 'error', 'abort'] as const) {
    const sink = stalled()
    sink.on('error', () => {})
    const signal = new AbortController()
    const { state, body } = endless()
    const writing = writeBody(body, sink, signal.signal)
    await new Promise(setImmediate)
    assert.deepEqual(state, { pieces: 1, ended: false })
    if (leave === 'abort') signal.abort()
    else sink.destroy(leave === 'error' ? new Error('EPIPE') : undefined)
    await writing
    assert.equal(state.ended, true, leave)
    assert.equal(sink.listenerCount('drain') + sink.listenerCount('close'), 0)
  }
})

test('a sink that was gone before the first piece is not waited for', async () => {
  const sink = stalled()
  sink.destroy()
  await new Promise(setImmediate)
  const { state, body } = endless()
  await writeBody(body, sink, new AbortController().signal)
  assert.deepEqual(state, { pieces: 1, ended: true })
})
