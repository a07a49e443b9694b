import assert from 'node:assert/strict'
import type { WireEvent } from '../../lambda/anthropic/message-event.ts'

/** Which deltas a block of each type may have. Blocks that are not listed come whole in their start event. */
const DELTAS: Readonly<Record<string, readonly string[]>> = {
  text: ['text_delta', 'citations_delta'],
  thinking: ['thinking_delta', 'signature_delta'],
  tool_use: ['input_json_delta'],
  server_tool_use: ['input_json_delta'],
}

export interface EventRules {
  /** The stream failed on purpose: it ends with an `error` event, and nothing else need be complete. */
  readonly mayFail?: boolean
}

/**
 * The grammar of a Messages API stream (reference, C.3). Every stream test of the project goes through here.
 * Returns nothing; fails with the first rule that is broken, and where.
 */
export function checkMessageEvents(events: readonly WireEvent[], rules: EventRules = {}): void {
  const checker = new Grammar()
  for (const [position, event] of events.entries()) {
    try {
      checker.next(event)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      assert.fail(`event ${position} (${JSON.stringify(event)?.slice(0, 200)}): ${reason}`)
    }
  }
  checker.end(rules)
}

interface OpenBlock {
  readonly index: number
  readonly type: string
  readonly deltas: string[]
  json: string
}

class Grammar {
  #phase: 'before' | 'blocks' | 'delta' | 'stopped' | 'failed' = 'before'
  #open: OpenBlock | undefined
  #nextIndex = 0
  #toolIds = new Set<string>()
  #stopReason: string | null | undefined

  next(event: WireEvent): void {
    assert.ok(this.#phase !== 'stopped' && this.#phase !== 'failed', 'nothing may follow the end')
    switch (event.type) {
      case 'message_start':
        this.#messageStart(event)
        break
      case 'content_block_start':
        this.#blockStart(event)
        break
      case 'content_block_delta':
        this.#blockDelta(event)
        break
      case 'content_block_stop':
        this.#blockStop(event)
        break
      case 'message_delta':
        this.#messageDelta(event)
        break
      case 'message_stop':
        assert.equal(this.#phase, 'delta', 'message_stop comes after message_delta')
        this.#phase = 'stopped'
        break
      case 'ping':
        assert.notEqual(this.#phase, 'before', 'a ping comes after message_start')
        break
      case 'error':
        assert.ok(event.error.type !== '' && event.error.message !== '', 'an error has a type and a message')
        this.#phase = 'failed'
        break
      default: {
        const unknown: never = event
        assert.fail(`unknown event ${JSON.stringify(unknown)}`)
      }
    }
  }

  end(rules: EventRules): void {
    if (this.#phase === 'failed') {
      assert.ok(rules.mayFail, 'the stream ended with an error event')
      return
    }
    assert.equal(this.#phase, 'stopped', 'the stream ends with message_stop')
    assert.equal(typeof this.#stopReason, 'string', 'stop_reason is given')
    assert.ok(this.#nextIndex > 0, 'a message has at least one block')
  }

  #messageStart({ message }: Extract<WireEvent, { type: 'message_start' }>): void {
    assert.equal(this.#phase, 'before', 'message_start comes once and first')
    this.#phase = 'blocks'
    assert.equal(message.type, 'message')
    assert.equal(message.role, 'assistant')
    assert.ok(message.id !== '' && message.model !== '', 'a message has an id and a model')
    assert.deepEqual(message.content, [], 'message_start has no content')
    assert.equal(message.stop_reason, null, 'message_start has no stop_reason')
    checkCount(message.usage.input_tokens, 'usage.input_tokens')
    checkCount(message.usage.output_tokens, 'usage.output_tokens')
  }

  #blockStart({ index, content_block: block }: Extract<WireEvent, { type: 'content_block_start' }>): void {
    assert.equal(this.#phase, 'blocks', 'a block starts after message_start and before message_delta')
    assert.equal(this.#open, undefined, 'only one block is open at a time')
    assert.equal(index, this.#nextIndex, 'block indices have no gap')
    this.#nextIndex++
    this.#open = { index, type: block.type, deltas: [], json: '' }
    if (block.type === 'text') assert.equal(block.text, '', 'a text block starts empty')
    if (block.type === 'thinking') {
      assert.equal(block.thinking, '', 'a thinking block starts empty')
      assert.equal(block.signature, '', 'a thinking block starts unsigned')
    }
    if (block.type !== 'tool_use') return
    assert.match(block.id, /^[a-zA-Z0-9_-]+$/, 'a tool call has a legal id')
    assert.ok(!this.#toolIds.has(block.id), 'tool call ids are unique in a message')
    this.#toolIds.add(block.id)
    assert.notEqual(block.name, '', 'a tool call has a name')
    assert.deepEqual(block.input, {}, 'a tool call starts with an empty input')
  }

  #blockDelta({ index, delta }: Extract<WireEvent, { type: 'content_block_delta' }>): void {
    const open = this.#open
    assert.ok(open, 'a delta needs an open block')
    assert.equal(index, open.index, 'a delta belongs to the open block')
    assert.ok((DELTAS[open.type] ?? []).includes(delta.type), `a ${open.type} block takes no ${delta.type}`)
    assert.notEqual(open.deltas.at(-1), 'signature_delta', 'the signature is the last delta of its block')
    open.deltas.push(delta.type)
    if (delta.type === 'text_delta') assert.notEqual(delta.text, '', 'an empty delta is no event')
    if (delta.type === 'thinking_delta') assert.notEqual(delta.thinking, '', 'an empty delta is no event')
    if (delta.type === 'input_json_delta') open.json += delta.partial_json
  }

  #blockStop({ index }: Extract<WireEvent, { type: 'content_block_stop' }>): void {
    const open = this.#open
    assert.ok(open, 'a stop needs an open block')
    assert.equal(index, open.index, 'a stop belongs to the open block')
    if (open.type === 'thinking')
      assert.equal(open.deltas.at(-1), 'signature_delta', 'a signature comes right before the stop')
    if (open.json !== '') checkJson(open.json)
    this.#open = undefined
  }

  #messageDelta({ delta, usage }: Extract<WireEvent, { type: 'message_delta' }>): void {
    assert.equal(this.#open, undefined, 'message_delta comes after the last block has stopped')
    assert.ok(this.#phase === 'blocks' || this.#phase === 'delta', 'message_delta comes after message_start')
    this.#phase = 'delta'
    this.#stopReason = delta.stop_reason ?? this.#stopReason
    checkCount(usage.output_tokens, 'usage.output_tokens')
    if (usage.input_tokens !== null && usage.input_tokens !== undefined)
      checkCount(usage.input_tokens, 'usage.input_tokens')
    if (delta.stop_reason === 'stop_sequence')
      assert.equal(typeof delta.stop_sequence, 'string', 'the sequence is named')
    if (delta.stop_reason === 'tool_use') assert.ok(this.#toolIds.size > 0, 'tool_use needs a tool call')
  }
}

function checkCount(value: unknown, name: string): void {
  assert.ok(Number.isInteger(value) && Number(value) >= 0, `${name} is a whole number, not ${String(value)}`)
}

/** Whole JSON, or JSON that was cut: at `max_tokens` the last call may be half there. */
function checkJson(text: string): void {
  try {
    assert.equal(typeof JSON.parse(text), 'object', 'a tool input is an object')
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    assert.match(text, /^\s*\{/, 'a tool input is JSON')
  }
}
