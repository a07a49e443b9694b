import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { WireEvent } from '../../lambda/anthropic/message-event.ts'
import { completionChunks } from '../../lambda/convert/completion-chunk.ts'
import { encodeEvents } from '../../lambda/convert/encode-event.ts'
import { createMessageFold } from '../../lambda/convert/message.ts'
import { toChatChunk } from '../../lambda/convert/ollama-chunk.ts'
import { mergeReasoningDetails } from '../../lambda/convert/reasoning-details.ts'
import { toProviderToolId, toToolUseId } from '../../lambda/convert/tool-use-id.ts'

describe('an event on the wire', () => {
  test('has its name, and its JSON in one line', () => {
    const text = 'a "quoted"\n\\ 你好 \u2028 \ud83d'
    const events: WireEvent[] = [
      { type: 'content_block_delta', index: 3, delta: { type: 'text_delta', text } },
      { type: 'content_block_delta', index: 3, delta: { type: 'thinking_delta', thinking: text } },
      { type: 'content_block_delta', index: 3, delta: { type: 'input_json_delta', partial_json: text } },
      { type: 'content_block_delta', index: 3, delta: { type: 'signature_delta', signature: 'x' } },
      { type: 'content_block_stop', index: 3 },
      { type: 'ping' },
      { type: 'error', error: { type: 'api_error', message: text }, request_id: 'req_1' },
    ]
    const frames = encodeEvents(events).split('\n\n')
    assert.equal(frames.pop(), '')
    assert.deepEqual(
      frames.map((frame) => {
        const [name, data, ...rest] = frame.split('\n')
        assert.deepEqual(rest, [])
        const value: WireEvent = JSON.parse(data?.replace(/^data: /, '') ?? '')
        assert.equal(name, `event: ${value.type}`)
        return value
      }),
      events,
    )
  })
})

describe('the fold', () => {
  test('keeps what was cut off of a tool input', () => {
    const fold = createMessageFold()
    assert.throws(() => fold.message())
    assert.throws(() => fold.push([{ type: 'message_stop' }]))
  })
})

describe('a whole answer as chunks', () => {
  test('has ended, finish reason or not', () => {
    const whole = { choices: [{ message: { content: 'x' } }] }
    assert.deepEqual(completionChunks(whole), [whole, { done: true }])
    const chunk = { choices: [{ delta: { content: 'x' } }] }
    assert.deepEqual(completionChunks(chunk), [chunk])
  })
})

describe("a line of Ollama's own API", () => {
  test('becomes a chunk, with the last one done', () => {
    const line = {
      model: 'm',
      message: {
        role: 'assistant',
        content: 'x',
        thinking: 't',
        tool_calls: [{ function: { index: 1, name: 'f', arguments: { a: 1 } } }],
      },
      done: false,
    }
    assert.deepEqual(toChatChunk(line), {
      model: 'm',
      choices: [
        {
          index: 0,
          delta: {
            content: 'x',
            reasoning: 't',
            tool_calls: [{ function: { name: 'f', arguments: { a: 1 } } }],
          },
          finish_reason: null,
        },
      ],
    })
    const end = toChatChunk({
      message: { content: '' },
      done: true,
      done_reason: 'length',
      prompt_eval_count: 5,
      eval_count: 2,
    })
    assert.equal(end.choices?.[0]?.finish_reason, 'length')
    assert.equal(end.done, true)
    assert.deepEqual(end.usage, { prompt_tokens: 5, completion_tokens: 2 })
  })

  test('that is an error stays one, and anything else is nothing', () => {
    assert.deepEqual(toChatChunk({ error: 'boom' }), { error: 'boom' })
    for (const line of [null, 5, 'x', []]) assert.deepEqual(toChatChunk(line), {})
  })
})

describe('a tool call id', () => {
  test('of other characters comes back as it was', () => {
    for (const id of ['functions.read:0', 'a b', 'ü', 'call_1', 'toolu_01AbC']) {
      const seen = toToolUseId(id, 0, 'msg_1', () => false)
      assert.match(seen, /^[\w-]+$/)
      assert.equal(toProviderToolId(seen), id)
    }
  })
})

describe('reasoning details', () => {
  test('are joined by index, and blobs are kept apart', () => {
    const text = (index: number, words: string) => ({ type: 'reasoning.text', index, text: words })
    const blob = (data: string) => ({ type: 'reasoning.encrypted', index: 0, data })
    assert.deepEqual(
      mergeReasoningDetails([text(0, 'a'), text(0, 'b'), text(1, 'c'), blob('x'), blob('y'), null, 5]),
      [text(0, 'ab'), text(1, 'c'), blob('x'), blob('y')],
    )
  })
})
