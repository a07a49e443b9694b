import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { MessagesRequest } from '../../lambda/anthropic/messages-request.ts'
import { toChatRequest } from '../../lambda/convert/chat-request.ts'
import { toChatChunk } from '../../lambda/convert/ollama-chunk.ts'
import { toOllamaRequest } from '../../lambda/convert/ollama-request.ts'
import type { Target } from '../../lambda/map/target.ts'
import type { ChatChunk } from '../../lambda/openai/chat-chunk.ts'
import type { ChatMessage, ChatRequest } from '../../lambda/openai/chat-request.ts'
import type { Provider } from '../../lambda/providers/provider.ts'
import { PROVIDERS, type ProviderName } from '../../lambda/providers/table.ts'
import { brokenChatRules } from '../harness/chat-request-rules.ts'
import { checkMessageEvents } from '../harness/message-event-rules.ts'
import { replayChunks } from '../harness/replay.ts'
import { sdkFold } from '../harness/sdk-fold.ts'
import { targetOf } from './rich-request.ts'

/**
 * An answer with reasoning, text and two tool calls, in each provider's own dialect, becomes an Anthropic message, comes
 * back as history, and goes to the same provider: what it must see then is written down by hand, from its documentation.
 */

type Delta = Readonly<Record<string, unknown>>

const THOUGHT = 'I look first.'
const TEXT = 'Looking.'
const ARGUMENTS = ['{"at":"here"}', '{"at":"there","n":2}']

/** OpenRouter's and MiniMax's form: text in pieces, its signature late, and a blob that nobody can read. */
const DETAIL_DELTAS: readonly Delta[] = [
  {
    reasoning: 'I look ',
    reasoning_details: [{ type: 'reasoning.text', text: 'I look ', format: 'f', index: 0 }],
  },
  {
    reasoning: 'first.',
    reasoning_details: [{ type: 'reasoning.text', text: 'first.', format: 'f', index: 0 }],
  },
  { content: '', reasoning_details: [{ type: 'reasoning.text', signature: 'sig-1', format: 'f', index: 0 }] },
  { reasoning_details: [{ type: 'reasoning.encrypted', data: 'enc-1', id: 'rs_1', index: 1, extra: [1] }] },
]
const DETAILS = [
  { type: 'reasoning.text', text: THOUGHT, format: 'f', index: 0, signature: 'sig-1' },
  { type: 'reasoning.encrypted', data: 'enc-1', id: 'rs_1', index: 1, extra: [1] },
]

const inField = (field: string): readonly Delta[] => [{ [field]: 'I look ' }, { [field]: 'first.' }]
const inTags = (tag: string): readonly Delta[] => [
  { content: `<${tag}>I look ` },
  { content: `first.</${tag}>\n` },
]
const part = (text: string) => ({ type: 'thinking', thinking: [{ type: 'text', text }] })

interface RoundTrip {
  readonly model: string
  readonly reasoning: readonly Delta[]
  /** What the assistant message of the next request holds beside role and calls; default: the text alone. */
  readonly sees?: Partial<ChatMessage> | { readonly content: unknown }
  readonly ids?: readonly [string, string]
  /** The id comes with the last fragment, or never. */
  readonly idless?: true
  /** Gemini: on the first of the two calls. */
  readonly signature?: string
}

const CONTENT = inField('reasoning_content')
const SEES_CONTENT = { reasoning_content: THOUGHT }
const REASONING = inField('reasoning')
const SEES_DETAILS = { reasoning_details: DETAILS }
const NOTHING: readonly Delta[] = []
const KIMI_IDS = ['functions.look:0', 'functions.look:1'] as const
const GLM = { reasoning: CONTENT, sees: SEES_CONTENT, ids: ['call_-8231', 'call_-8232'] } as const
const KIMI = { model: 'kimi-k2.6', reasoning: CONTENT, sees: SEES_CONTENT, ids: KIMI_IDS }
const GEMINI = { reasoning: inTags('thought'), idless: true, signature: 'c2lnbmF0dXJl' } as const

const ROUND_TRIPS: Partial<Record<ProviderName, RoundTrip>> = {
  openai: { model: 'gpt-5', reasoning: NOTHING },
  azure: { model: 'gpt-5-mini', reasoning: NOTHING },
  'azure-deployment': { model: 'gpt-4o-mini', reasoning: NOTHING },
  'azure-foundry': { model: 'grok-3-mini', reasoning: CONTENT },
  openrouter: { model: 'anthropic/claude-sonnet-4.5', reasoning: DETAIL_DELTAS, sees: SEES_DETAILS },
  requesty: { model: 'openai/gpt-4.1', reasoning: NOTHING },
  vercel: { model: 'anthropic/claude-sonnet-4', reasoning: DETAIL_DELTAS, sees: SEES_DETAILS },
  snowflake: { model: 'claude-sonnet-4-6', reasoning: DETAIL_DELTAS, sees: SEES_DETAILS },
  huggingface: { model: 'moonshotai/Kimi-K2-Instruct-0905:groq', reasoning: NOTHING, ids: KIMI_IDS },
  nvidia: { model: 'z-ai/glm4.7', reasoning: CONTENT, sees: SEES_CONTENT },
  nebius: { model: 'zai-org/GLM-4.7-FP8', reasoning: CONTENT, sees: SEES_CONTENT },
  glm: { model: 'glm-4.7', ...GLM },
  'glm-coding': { model: 'glm-4.7', ...GLM },
  bigmodel: { model: 'glm-4.7', ...GLM },
  minimax: {
    model: 'MiniMax-M2.1',
    reasoning: DETAIL_DELTAS,
    sees: SEES_DETAILS,
    ids: ['call_function_1_1', 'call_function_1_2'],
  },
  'minimax-cn': {
    model: 'MiniMax-M2.1',
    reasoning: inTags('think'),
    sees: { content: `<think>${THOUGHT}</think>${TEXT}` },
  },
  kimi: KIMI,
  'kimi-cn': KIMI,
  deepseek: {
    model: 'deepseek-v4-pro',
    reasoning: CONTENT,
    sees: SEES_CONTENT,
    ids: ['call_00_aB', 'call_01_cD'],
  },
  gemini: { model: 'gemini-3-pro-preview', ...GEMINI },
  vertex: { model: 'google/gemini-3-pro-preview', ...GEMINI },
  'vertex-global': { model: 'google/gemini-3-pro-preview', ...GEMINI },
  groq: { model: 'qwen/qwen3-32b', reasoning: REASONING, ids: ['8whd4xk2z', 'fc_6f0e-1'] },
  mistral: {
    model: 'mistral-medium-3-5',
    reasoning: [{ content: [part('I look ')] }, { content: [part('first.')] }],
    sees: { content: [part(THOUGHT), { type: 'text', text: TEXT }] },
    ids: ['D681PevKs', 'aB3dE5gH7'],
  },
  xai: { model: 'grok-4.3', reasoning: CONTENT, ids: ['call_53816330', 'call_53816331'] },
  qwen: { model: 'qwen3-max', reasoning: CONTENT },
  'qwen-cn': { model: 'qwen3-max', reasoning: CONTENT },
  cerebras: {
    model: 'zai-glm-4.7',
    reasoning: REASONING,
    sees: { content: `<think>${THOUGHT}</think>${TEXT}` },
  },
  together: { model: 'deepseek-ai/DeepSeek-V3.1', reasoning: REASONING },
  fireworks: { model: 'accounts/fireworks/models/glm-5p1', reasoning: CONTENT, sees: SEES_CONTENT },
  bedrock: {
    model: 'openai.gpt-oss-20b-1:0',
    reasoning: inTags('reasoning'),
    ids: ['chatcmpl-tool-1', 'chatcmpl-tool-2'],
  },
  'bedrock-mantle': { model: 'openai.gpt-oss-20b', reasoning: REASONING, ids: ['call_0', 'call_1'] },
  'ollama-v1': { model: 'qwen3:8b', reasoning: REASONING, sees: { reasoning: THOUGHT } },
  lmstudio: { model: 'qwen/qwen3-8b', reasoning: inTags('think') },
  llamacpp: { model: 'openai/gpt-oss-20b', reasoning: CONTENT, sees: SEES_CONTENT },
  vllm: { model: 'Qwen/Qwen3.5-35B-A3B', reasoning: REASONING, sees: { reasoning: THOUGHT } },
  sglang: { model: 'zai-org/GLM-4.6', reasoning: CONTENT, sees: SEES_CONTENT },
}

/** Other providers that must see nothing of it, one for each way in which reasoning goes back. */
const OTHERS: readonly [ProviderName, string][] = [
  ['openai', 'gpt-4o'],
  ['deepseek', 'deepseek-v4-pro'],
  ['openrouter', 'z-ai/glm-4.6'],
  ['gemini', 'gemini-3-pro-preview'],
  ['mistral', 'magistral-medium-latest'],
  ['cerebras', 'zai-glm-4.7'],
  ['vllm', 'Qwen/Qwen3.5-35B-A3B'],
]

function idsOf({ ids, idless }: RoundTrip): readonly [string, string] {
  return idless ? ['', ''] : (ids ?? ['call_a1', 'call_b2'])
}

/** Two calls, their arguments in two pieces each, the pieces interleaved. */
function toolDeltas(trip: RoundTrip): Delta[] {
  const ids = idsOf(trip)
  const fragment = (index: number, rest: Delta) => ({ tool_calls: [{ index, ...rest }] })
  const starts = ids.map((id, index) =>
    fragment(index, {
      id,
      type: 'function',
      function: { name: 'look', arguments: '' },
      ...(trip.signature !== undefined && index === 0
        ? { extra_content: { google: { thought_signature: trip.signature } } }
        : {}),
    }),
  )
  const pieces = [0, 1].flatMap((half) =>
    ARGUMENTS.map((text, index) =>
      fragment(index, { function: { arguments: half === 0 ? text.slice(0, 5) : text.slice(5) } }),
    ),
  )
  return [...starts, ...pieces]
}

function chunksOf(trip: RoundTrip): ChatChunk[] {
  const deltas = [
    { role: 'assistant', content: '' },
    ...trip.reasoning,
    { content: TEXT },
    ...toolDeltas(trip),
  ]
  return [
    ...deltas.map((delta) => ({ choices: [{ index: 0, delta }] })),
    { choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] },
    { choices: [], usage: { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 } },
    { done: true },
  ]
}

const FIRST: MessagesRequest = {
  model: 'alias',
  max_tokens: 2000,
  thinking: { type: 'adaptive' },
  tools: [{ name: 'look', input_schema: { type: 'object', properties: { at: { type: 'string' } } } }],
  messages: [{ role: 'user', content: 'Look around.' }],
}
const TURN = { messageId: 'msg_1', alias: 'alias' }

type Blocks = { type: string; [field: string]: unknown }[]

/** The answer as the SDK holds it, after a way through JSON as clients save it. */
async function answered(target: Target, chunks: readonly ChatChunk[], first = FIRST): Promise<Blocks> {
  const { rules } = toChatRequest(first, target, TURN)
  const events = await replayChunks(chunks, rules)
  checkMessageEvents(events)
  const message = await sdkFold(events)
  assert.equal(message.stop_reason, 'tool_use')
  return JSON.parse(JSON.stringify(message.content))
}

function second(answer: Blocks): MessagesRequest {
  const results = answer
    .filter(({ type }) => type === 'tool_use')
    .map(({ id }, index) => ({ type: 'tool_result', tool_use_id: id, content: `result ${index}` }))
  return {
    ...FIRST,
    messages: [...FIRST.messages, { role: 'assistant', content: answer }, { role: 'user', content: results }],
  }
}

function secondBody(answer: Blocks, target: Target): ChatRequest {
  const { body } = toChatRequest(second(answer), target, TURN)
  const broken = brokenChatRules(body).filter((text) => !/unknown field|unknown part|tool_choice/.test(text))
  assert.deepEqual(broken, [])
  const calls = body.messages.flatMap(({ tool_calls }) => tool_calls ?? []).map(({ id }) => id)
  const results = body.messages.flatMap(({ tool_call_id }) => tool_call_id ?? [])
  assert.deepEqual(results, calls, 'each call has its result')
  assert.equal(new Set(calls).size, 2)
  return body
}

function assistantOf(body: ChatRequest): ChatMessage {
  const [message, ...others] = body.messages.filter(({ role }) => role === 'assistant')
  assert.ok(message && others.length === 0)
  return message
}

/** Filled in where the provider gave none. */
function expectedAssistant(trip: RoundTrip, seen: ChatMessage): unknown {
  const ids = idsOf(trip).map((id, index) => id || seen.tool_calls?.[index]?.id)
  return {
    role: 'assistant',
    content: TEXT,
    ...trip.sees,
    tool_calls: ids.map((id, index) => ({
      id,
      type: 'function',
      function: { name: 'look', arguments: ARGUMENTS[index] },
      ...(trip.signature !== undefined && index === 0
        ? { extra_content: { google: { thought_signature: trip.signature } } }
        : {}),
    })),
  }
}

describe('an answer that comes back as history', () => {
  for (const [provider, record] of Object.entries<Provider>(PROVIDERS)) {
    if (record.dialect !== 'chat' || record.quirks.tools === false) continue
    const trip = Object.entries(ROUND_TRIPS).find(([name]) => name === provider)?.[1]

    test(`is what ${provider} must see again, and nobody else sees its thoughts`, async () => {
      assert.ok(trip, 'each record needs its round trip')
      const target = targetOf(provider as ProviderName, trip.model)
      const answer = await answered(target, chunksOf(trip))
      const shown = answer.filter(({ type }) => type === 'thinking').map((block) => block['thinking'])
      assert.equal(shown.join(''), trip.reasoning.length === 0 ? '' : THOUGHT)
      const seen = assistantOf(secondBody(answer, target))
      assert.deepEqual(seen, expectedAssistant(trip, seen))
      for (const [other, model] of OTHERS) {
        if (other === provider) continue
        const foreign = assistantOf(secondBody(answer, targetOf(other, model)))
        const text = JSON.stringify(foreign)
        for (const trace of ['I look', 'sig-1', 'enc-1', 'c2lnbmF0dXJl']) {
          assert.equal(text.includes(trace), false, `${other} sees ${trace}`)
        }
      }
    })

    test(`of ${provider} is the same when the caller does not get to see the reasoning`, async () => {
      assert.ok(trip)
      const target = targetOf(provider as ProviderName, trip.model)
      const thinking = { type: 'adaptive' as const, display: 'omitted' }
      const answer = await answered(target, chunksOf(trip), { ...FIRST, thinking })
      assert.equal(
        JSON.stringify(answer.map(({ signature: _, ...block }) => block)).includes('I look'),
        false,
      )
      const seen = assistantOf(secondBody(answer, target))
      assert.deepEqual(seen, expectedAssistant(trip, seen))
    })
  }

  for (const provider of ['kimi', 'deepseek'] as const) {
    test(`of ${provider} without any reasoning has an empty field beside its calls`, async () => {
      const trip: RoundTrip = { model: provider === 'kimi' ? 'kimi-k2.6' : 'deepseek-v4-pro', reasoning: [] }
      const target = targetOf(provider, trip.model)
      const seen = assistantOf(secondBody(await answered(target, chunksOf(trip)), target))
      assert.deepEqual(seen, expectedAssistant({ ...trip, sees: { reasoning_content: '' } }, seen))
    })
  }

  test('of another model of the same provider goes back without what only that model can read', async () => {
    const trip = ROUND_TRIPS.openrouter
    assert.ok(trip)
    const answer = await answered(targetOf('openrouter', trip.model), chunksOf(trip))
    const seen = JSON.stringify(assistantOf(secondBody(answer, targetOf('openrouter', 'z-ai/glm-4.6'))))
    assert.doesNotMatch(seen, /sig-1|enc-1/)
  })

  for (const provider of ['ollama', 'ollama-cloud'] as const) {
    test(`is what ${provider} must see again, in its own form`, async () => {
      const target = targetOf(provider, 'qwen3:8b')
      const call = (index: number) => ({
        function: { name: 'look', arguments: JSON.parse(ARGUMENTS[index] ?? '') },
      })
      const lines = [
        { message: { role: 'assistant', content: '', thinking: 'I look ' } },
        { message: { role: 'assistant', content: '', thinking: 'first.' } },
        { message: { role: 'assistant', content: TEXT } },
        { message: { role: 'assistant', content: '', tool_calls: [call(0)] } },
        { message: { role: 'assistant', content: '', tool_calls: [call(1)] } },
        { message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop', eval_count: 5 },
      ]
      const answer = await answered(target, lines.map(toChatChunk))
      const { messages } = toOllamaRequest(toChatRequest(second(answer), target, TURN).body)
      const ids = answer.flatMap(({ type, id }) => (type === 'tool_use' ? [id] : []))
      assert.deepEqual(messages.slice(1), [
        {
          role: 'assistant',
          content: TEXT,
          thinking: THOUGHT,
          tool_calls: ids.map((id, index) => ({ id, ...call(index) })),
        },
        ...ids.map((id, index) => ({
          role: 'tool',
          content: `result ${index}`,
          tool_name: 'look',
          tool_call_id: id,
        })),
      ])
    })
  }
})
