import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { MessagesRequest } from '../../lambda/anthropic/messages-request.ts'
import { toChatRequest } from '../../lambda/convert/chat-request.ts'
import type { ProviderName } from '../../lambda/providers/table.ts'
import { targetOf } from './rich-request.ts'

/** What a wish about thinking becomes: every field of the body beyond those that any request has. */
function fieldsFor(
  provider: ProviderName,
  model: string,
  wish: Partial<MessagesRequest>,
): Record<string, unknown> {
  const target = targetOf(provider, model)
  const request = {
    model: 'alias',
    max_tokens: 20_000,
    messages: [{ role: 'user' as const, content: 'Hi' }],
    ...wish,
  }
  const { body } = toChatRequest(request, target, { messageId: 'msg_1', alias: 'alias' })
  const {
    model: _model,
    messages: _messages,
    stream,
    stream_options,
    max_tokens,
    max_completion_tokens,
    tools,
    ...rest
  } = body
  assert.equal(stream, true)
  return rest
}

const OFF = { thinking: { type: 'disabled' as const } }
const BUDGET = { thinking: { type: 'enabled' as const, budget_tokens: 8000 } }
const ADAPTIVE = { thinking: { type: 'adaptive' as const } }
const effort = (value: string) => ({ ...ADAPTIVE, output_config: { effort: value } })

const google = (thinking_config: object) => ({ extra_body: { google: { thinking_config } } })
const kwargs = (chat_template_kwargs: object) => ({ chat_template_kwargs })

const CASES: readonly [ProviderName, string, string, Partial<MessagesRequest>, Record<string, unknown>][] = [
  // "No thinking": said in the provider's way; where it cannot be had, the least.
  ['openai', 'gpt-5', 'off', OFF, { reasoning_effort: 'minimal' }],
  ['openai', 'gpt-5.1', 'off', OFF, { reasoning_effort: 'none' }],
  ['openai', 'o3', 'off', OFF, { reasoning_effort: 'low' }],
  ['openai', 'gpt-4o', 'off', OFF, {}],
  ['openai', 'some-model', 'off', OFF, {}],
  ['openrouter', 'z-ai/glm-4.6', 'off', OFF, { reasoning: { enabled: false } }],
  ['glm', 'glm-4.6', 'off', OFF, { thinking: { type: 'disabled' } }],
  [
    'glm',
    'glm-5.3',
    'off',
    OFF,
    { thinking: { type: 'enabled', clear_thinking: false }, reasoning_effort: 'low' },
  ],
  ['kimi', 'kimi-k2.5', 'off', OFF, { thinking: { type: 'disabled' } }],
  ['kimi', 'kimi-k2.7-code', 'off', OFF, { thinking: { type: 'enabled', keep: 'all' } }],
  ['kimi', 'kimi-k3', 'off', OFF, { reasoning_effort: 'low' }],
  ['deepseek', 'deepseek-v4-flash', 'off', OFF, { thinking: { type: 'disabled' } }],
  ['deepseek', 'deepseek-reasoner', 'off', OFF, {}],
  ['minimax', 'MiniMax-M3', 'off', OFF, { thinking: { type: 'disabled' }, reasoning_split: true }],
  ['minimax', 'MiniMax-M2', 'off', OFF, { reasoning_split: true }],
  ['gemini', 'gemini-2.5-flash', 'off', OFF, google({ include_thoughts: false, thinking_budget: 0 })],
  ['gemini', 'gemini-2.5-pro', 'off', OFF, google({ include_thoughts: false })],
  ['gemini', 'gemini-3-pro-preview', 'off', OFF, google({ include_thoughts: false, thinking_level: 'low' })],
  [
    'gemini',
    'gemini-3-flash-preview',
    'off',
    OFF,
    google({ include_thoughts: false, thinking_level: 'minimal' }),
  ],
  ['mistral', 'mistral-small-latest', 'off', OFF, { reasoning_effort: 'none' }],
  ['xai', 'grok-4.3', 'off', OFF, { reasoning_effort: 'none' }],
  ['xai', 'grok-4.5', 'off', OFF, { reasoning_effort: 'low' }],
  ['xai', 'grok-4-fast', 'off', OFF, {}],
  ['qwen', 'qwen3-max', 'off', OFF, { enable_thinking: false }],
  ['groq', 'qwen/qwen3-32b', 'off', OFF, { reasoning_effort: 'none', reasoning_format: 'parsed' }],
  ['groq', 'openai/gpt-oss-120b', 'off', OFF, { reasoning_effort: 'low' }],
  ['cerebras', 'zai-glm-4.7', 'off', OFF, { reasoning_effort: 'none' }],
  ['nvidia', 'nvidia/nemotron-3-ultra', 'off', OFF, kwargs({ enable_thinking: false })],
  ['nvidia', 'deepseek-ai/deepseek-v3.1', 'off', OFF, kwargs({ thinking: false })],
  ['nvidia', 'meta/llama-4-maverick', 'off', OFF, {}],
  ['ollama-v1', 'qwen3:14b', 'off', OFF, { reasoning_effort: 'none' }],
  ['vllm', 'Qwen/Qwen3-0.6B', 'off', OFF, kwargs({ enable_thinking: false })],

  // A budget in tokens: as it is where there is a field for it, else the effort that is nearest.
  ['openai', 'gpt-5', 'budget', BUDGET, { reasoning_effort: 'medium' }],
  ['openrouter', 'anthropic/claude-sonnet-4.5', 'budget', BUDGET, { reasoning: { max_tokens: 8000 } }],
  ['openrouter', 'openai/gpt-5', 'budget', BUDGET, { reasoning: { effort: 'medium' } }],
  [
    'nvidia',
    'nvidia/nemotron-3-ultra',
    'budget',
    BUDGET,
    { ...kwargs({ enable_thinking: true }), reasoning_budget: 8000 },
  ],
  ['nvidia', 'nvidia/nvidia-nemotron-nano-9b-v2', 'budget', BUDGET, { max_thinking_tokens: 8000 }],
  ['nvidia', 'z-ai/glm4.7', 'budget', BUDGET, kwargs({ enable_thinking: true, clear_thinking: false })],
  ['gemini', 'gemini-2.5-pro', 'budget', BUDGET, google({ include_thoughts: true, thinking_budget: 8000 })],
  [
    'gemini',
    'gemini-3-pro-preview',
    'budget',
    BUDGET,
    google({ include_thoughts: true, thinking_level: 'high' }),
  ],
  ['qwen', 'qwen3-max', 'budget', BUDGET, { enable_thinking: true, thinking_budget: 8000 }],
  ['kimi', 'kimi-k2.5', 'budget', BUDGET, { thinking: { type: 'enabled' } }],
  ['glm', 'glm-4.6', 'budget', BUDGET, { thinking: { type: 'enabled', clear_thinking: false } }],

  // Efforts that a model does not know go to the nearest that it does.
  ['openai', 'gpt-5', 'max', effort('max'), { reasoning_effort: 'high' }],
  ['openai', 'gpt-5.2', 'max', effort('max'), { reasoning_effort: 'xhigh' }],
  [
    'deepseek',
    'deepseek-v4-pro',
    'max',
    effort('max'),
    { thinking: { type: 'enabled' }, reasoning_effort: 'max' },
  ],
  ['kimi', 'kimi-k3', 'xhigh', effort('xhigh'), { reasoning_effort: 'max' }],
  ['mistral', 'mistral-medium-3-5', 'low', effort('low'), { reasoning_effort: 'high' }],
  [
    'groq',
    'qwen/qwen3-32b',
    'medium',
    effort('medium'),
    { reasoning_effort: 'default', reasoning_format: 'parsed' },
  ],
  ['openai', 'gpt-5.1-chat-latest', 'high', effort('high'), {}],
  ['xai', 'grok-4.20-reasoning', 'high', effort('high'), {}],

  // Nothing said, nothing asked.
  ['openai', 'gpt-5', 'nothing', {}, {}],
  ['deepseek', 'deepseek-v4-pro', 'nothing', {}, {}],
  ['nvidia', 'nvidia/nemotron-3-ultra', 'nothing', {}, {}],
  ['gemini', 'gemini-3-pro-preview', 'nothing', {}, {}],
  ['minimax', 'MiniMax-M2.1', 'nothing', {}, { reasoning_split: true }],
]

describe('what a wish about thinking becomes', () => {
  for (const [provider, model, name, wish, expected] of CASES) {
    test(`${provider} ${model}: ${name}`, () => {
      assert.deepEqual(fieldsFor(provider, model, wish), expected)
    })
  }

  test('a caller that switches thinking off by a system line is heard by NVIDIA families that know only that', () => {
    const target = targetOf('nvidia', 'nvidia/nvidia-nemotron-nano-9b-v2')
    const request = {
      model: 'a',
      max_tokens: 100,
      messages: [{ role: 'user' as const, content: 'Hi' }],
      ...OFF,
    }
    const { body } = toChatRequest(request, target, { messageId: 'msg_1', alias: 'a' })
    assert.deepEqual(body.messages[0], { role: 'system', content: '/no_think' })
  })
})

describe('a forced tool', () => {
  const tools = [{ name: 'look', input_schema: { type: 'object', properties: {} } }]
  const any = { ...ADAPTIVE, tools, tool_choice: { type: 'any' as const } }
  const named = { ...ADAPTIVE, tools, tool_choice: { type: 'tool' as const, name: 'look' } }
  const byName = { type: 'function', function: { name: 'look' } }

  const FORCED: readonly [ProviderName, string, unknown, unknown][] = [
    ['openai', 'gpt-4o', 'required', byName],
    ['openrouter', 'anthropic/claude-sonnet-4.5', 'required', byName],
    ['mistral', 'mistral-large-latest', 'any', byName],
    ['glm', 'glm-4.7', 'auto', byName],
    ['kimi', 'kimi-k2.5', 'auto', byName],
    ['kimi', 'kimi-k3', 'required', byName],
    ['minimax', 'MiniMax-M2.1', undefined, undefined],
    ['ollama-v1', 'qwen3', undefined, undefined],
    ['deepseek', 'deepseek-v4-pro', 'required', byName],
    ['deepseek', 'deepseek-reasoner', 'auto', 'auto'],
  ]
  for (const [provider, model, expectedAny, expectedNamed] of FORCED) {
    test(`${provider} ${model} is asked in the strongest way that it takes`, () => {
      assert.deepEqual(fieldsFor(provider, model, any)['tool_choice'], expectedAny)
      assert.deepEqual(fieldsFor(provider, model, named)['tool_choice'], expectedNamed)
    })
  }

  test('makes DeepSeek and Qwen stop thinking for the turn, because they refuse both at once', () => {
    assert.deepEqual(fieldsFor('deepseek', 'deepseek-v4-pro', any)['thinking'], { type: 'disabled' })
    assert.equal(fieldsFor('qwen', 'qwen3-max', named)['enable_thinking'], false)
  })
})
