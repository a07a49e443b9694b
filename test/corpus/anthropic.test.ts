import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { MessageEvent } from '../../lambda/anthropic/message-event.ts'
import { corpusAbsent, readCorpus, toValues } from '../harness/corpus.ts'
import { foldMessage } from '../harness/replay.ts'

const recordings = corpusAbsent
  ? []
  : readCorpus().filter(({ speaks, status }) => speaks === 'anthropic' && status === 200)

const EVENTS = new Set([
  'message_start',
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
  'message_delta',
  'message_stop',
])

/** Spliced on purpose by their source: a second message_start. */
const IRREGULAR = /duplicate|splice/

describe("Anthropic's own recordings are what our types say", { skip: corpusAbsent }, () => {
  for (const recording of recordings) {
    test(recording.file, () => {
      const values = toValues(recording).filter(isTyped)
      if (recording.form === 'json') return checkBody(values[0])
      assert.ok(values.length > 0, 'there are events')
      const events = values.filter((value): value is MessageEvent => EVENTS.has(value.type))
      if (events[0]?.type !== 'message_start' || IRREGULAR.test(recording.file)) return
      const message = foldMessage(events)
      assert.equal(message.type, 'message')
      assert.ok(Array.isArray(message.content))
      if (events.some(({ type }) => type === 'message_stop'))
        assert.equal(typeof message.stop_reason, 'string')
    })
  }
})

function isTyped(value: unknown): value is { type: string } {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

function checkBody(value: unknown): void {
  if (!isTyped(value)) return
  assert.ok(value.type === 'message' || value.type === 'error', value.type)
}
