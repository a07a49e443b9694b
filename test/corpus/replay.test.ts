import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Message, MessageEvent } from '../../lambda/anthropic/message-event.ts'
import { UpstreamError } from '../../lambda/errors.ts'
import { type Quirks, STANDARD } from '../../lambda/providers/quirks.ts'
import { answerRules } from '../harness/answer-rules.ts'
import {
  corpusAbsent,
  quirksOf,
  type Recording,
  readCorpus,
  toValues,
  toWireBytes,
} from '../harness/corpus.ts'
import { checkMessageEvents } from '../harness/message-event-rules.ts'
import { type Cut, foldMessage, replayBytes } from '../harness/replay.ts'
import { sdkFold } from '../harness/sdk-fold.ts'
import { type ExpectedAnswer, toExpectedAnswer } from './expected-answer.ts'

/** Recordings that are no answer: an error inside a 200, or a fragment without an end. */
const FAILURES: Readonly<Record<string, string>> = {
  'openrouter/pydantic-openrouter-stream-error.sse': 'invalid_request',
  'groq/pydantic-tool-use-failed-error-streaming-with-text.sse': 'invalid_request',
  'openai/vercel-reasoning-model-legacy-parameter-error.json': 'invalid_request',
  'documented/sglang-reasoning-nulls.sse': 'upstream',
}

const recordings = corpusAbsent
  ? []
  : readCorpus().filter(({ speaks, status }) => speaks !== 'anthropic' && status === 200)

describe('every recorded answer becomes a legal message', { skip: corpusAbsent }, () => {
  for (const recording of recordings) {
    test(recording.file, async () => {
      for (const quirks of [quirksOf(recording), STANDARD]) await checkRecording(recording, quirks)
    })
  }

  test('and there are as many as there were', () => {
    assert.ok(recordings.length >= 250, `${recordings.length} recordings`)
  })
})

async function checkRecording(recording: Recording, quirks: Quirks): Promise<void> {
  const whole = await replay(recording, quirks, 'whole')
  const kind = FAILURES[recording.file]
  if (kind !== undefined) {
    assert.ok(whole instanceof UpstreamError, 'the failure is told')
    assert.equal(whole.kind, kind)
  } else {
    assert.ok(Array.isArray(whole), String(whole))
    checkMessageEvents(whole)
    const message = foldMessage(whole)
    assert.deepEqual(
      withoutAddition(await sdkFold(whole)),
      message,
      'the SDK folds the events to the same message',
    )
    checkContent(message, toExpectedAnswer(toValues(recording)))
  }
  for (const cut of cutsOf(quirks)) {
    const again = await replay(recording, quirks, cut)
    assert.deepEqual(outcome(again), outcome(whole), `cut ${JSON.stringify(cut)}`)
  }
}

/** Byte by byte costs the most, and the quirks make no difference to framing: once is enough. */
function cutsOf(quirks: Quirks): readonly Cut[] {
  return quirks === STANDARD ? [{ seed: 3 }] : ['bytes', { seed: 1 }, { seed: 2 }]
}

async function replay(
  recording: Recording,
  quirks: Quirks,
  cut: Cut,
): Promise<MessageEvent[] | UpstreamError> {
  const speaks = recording.speaks === 'ollama' ? 'ollama' : 'chat'
  try {
    return await replayBytes(toWireBytes(recording), speaks, answerRules({ quirks }), cut)
  } catch (error) {
    if (error instanceof UpstreamError) return error
    throw error
  }
}

/** Batches depend on the reads, the message must not. */
function outcome(result: MessageEvent[] | UpstreamError): unknown {
  return result instanceof UpstreamError ? [result.kind, result.message] : foldMessage(result)
}

function withoutAddition(message: Message): Message {
  const { parsed_output: _added, ...rest } = { parsed_output: null, ...message }
  return rest
}

function checkContent(message: Message, expected: ExpectedAnswer): void {
  const { content, usage } = message
  const text = content.map((block) => (block.type === 'text' ? block.text : '')).join('')
  const reasoning = content.map((block) => (block.type === 'thinking' ? block.thinking : '')).join('')
  const tools = content.filter((block) => block.type === 'tool_use')
  // Blocks of nothing but white space are left out, and so is a closing tag without an opening one.
  const expectedText = expected.text.replace(/^<\/think>\s*/, '')
  assert.equal(text, expectedText.trim() === '' ? '' : expectedText, 'text')
  assert.equal(reasoning, expected.reasoning, 'reasoning')
  assert.deepEqual(
    tools.map(({ name, input }) => ({ name, input })),
    expected.tools.map(({ name, input }) => ({ name, input })),
    'tool calls',
  )
  const own = expected.tools.map(({ id }) => id).filter((id) => /^[\w-]+$/.test(id))
  if (new Set(own).size === expected.tools.length)
    assert.deepEqual(
      tools.map(({ id }) => id),
      own,
      'tool ids',
    )
  if (expected.usage !== undefined) checkUsage(usage, expected.usage)
  if (tools.length > 0) assert.equal(message.stop_reason, 'tool_use')
  else assert.equal(message.stop_reason, expected.finish.includes('length') ? 'max_tokens' : stopOf(expected))
}

function stopOf({ finish, refused }: ExpectedAnswer): string {
  return refused || finish.includes('content_filter') ? 'refusal' : 'end_turn'
}

/** In numbers that the recording itself states: prompt, completion, total and reasoning. */
function checkUsage(usage: Message['usage'], counts: Readonly<Record<string, unknown>>): void {
  const { prompt_tokens: prompt, completion_tokens: completion, total_tokens: total } = counts
  const input =
    usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0)
  if (typeof prompt === 'number') assert.equal(input, prompt, 'prompt tokens')
  if (typeof completion !== 'number') return
  const output = typeof total === 'number' && typeof prompt === 'number' ? total - prompt : completion
  assert.equal(usage.output_tokens, output, 'output tokens, reasoning included')
}
