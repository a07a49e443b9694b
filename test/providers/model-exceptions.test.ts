import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { matchesModel } from '../../lambda/providers/match-model.ts'
import { mergeQuirks } from '../../lambda/providers/merge-quirks.ts'
import type { Provider } from '../../lambda/providers/provider.ts'
import type { PartialQuirks } from '../../lambda/providers/quirks.ts'
import { PROVIDERS, type ProviderName } from '../../lambda/providers/table.ts'

/**
 * What single models get, next to neighbours with similar names that must not get it. A model id stands here as its
 * provider spells it.
 */
const CASES: readonly [ProviderName, string, PartialQuirks][] = [
  // OpenAI: reasoning models, chat variants that do not reason, chat variants that reason at a fixed effort.
  [
    'openai',
    'gpt-4o',
    {
      reasoning_request: 'none',
      max_tokens_field: 'max_completion_tokens',
      system_role: 'system',
      images: 'url_and_data',
      files: 'pdf',
    },
  ],
  [
    'openai',
    'gpt-4.1-mini',
    {
      reasoning_request: 'none',
      sampling: ['temperature', 'top_p'],
      max_stop_sequences: 4,
      response_format: 'json_schema',
    },
  ],
  ['openai', 'gpt-4-0613', { images: 'none', response_format: 'forced_tool' }],
  ['openai', 'gpt-4-turbo', { images: 'url_and_data', response_format: 'forced_tool' }],
  ['openai', 'gpt-3.5-turbo', { images: 'none', reasoning_request: 'none' }],
  [
    'openai',
    'o3',
    {
      reasoning_request: 'reasoning_effort',
      reasoning_levels: ['low', 'medium', 'high'],
      system_role: 'developer',
      sampling: [],
      max_stop_sequences: 0,
    },
  ],
  ['openai', 'o1-mini', { system_role: 'user', tools: false, reasoning_request: 'none', sampling: [] }],
  ['openai', 'o3-mini', { images: 'none', system_role: 'developer', tools: true }],
  [
    'openai',
    'gpt-5',
    {
      reasoning_levels: ['minimal', 'low', 'medium', 'high'],
      reasoning_off: 'unsupported',
      min_output_tokens: 16,
    },
  ],
  [
    'openai',
    'gpt-5-mini-2025-08-07',
    { reasoning_levels: ['minimal', 'low', 'medium', 'high'], sampling: [] },
  ],
  [
    'openai',
    'gpt-5-chat-latest',
    {
      reasoning_request: 'none',
      sampling: ['temperature', 'top_p'],
      system_role: 'system',
      max_stop_sequences: 4,
      min_output_tokens: 1,
    },
  ],
  ['openai', 'gpt-5-pro', { reasoning_levels: ['high'] }],
  ['openai', 'gpt-5.1', { reasoning_levels: ['none', 'low', 'medium', 'high'], reasoning_off: 'field' }],
  ['openai', 'gpt-5.1-chat-latest', { reasoning_request: 'none', sampling: [], system_role: 'developer' }],
  ['openai', 'gpt-5.1-codex', { reasoning_off: 'unsupported', reasoning_levels: ['low', 'medium', 'high'] }],
  [
    'openai',
    'gpt-5.1-codex-max',
    { reasoning_levels: ['low', 'medium', 'high', 'xhigh'], reasoning_off: 'unsupported' },
  ],
  [
    'openai',
    'gpt-5.2-codex',
    { reasoning_levels: ['none', 'low', 'medium', 'high', 'xhigh'], reasoning_off: 'field' },
  ],
  ['openai', 'gpt-5.2-pro', { reasoning_off: 'unsupported' }],
  [
    'openai',
    'gpt-6-astra',
    { reasoning_levels: ['low', 'medium', 'high', 'xhigh'], reasoning_off: 'unsupported' },
  ],
  // Open-weight models on a server of one's own are not OpenAI's, though the name begins alike.
  [
    'openai',
    'gpt-oss-20b',
    {
      max_tokens_field: 'max_tokens',
      sampling: ['temperature', 'top_p'],
      reasoning_off: 'unsaid',
      prompt_cache_key: false,
    },
  ],
  ['openai', 'openai/gpt-5', { max_tokens_field: 'max_tokens', system_role: 'system' }],
  [
    'openai',
    'llama3',
    { max_tokens_field: 'max_tokens', user_field: 'none', strict_tools: false, tool_id_form: 'any' },
  ],
  // Azure: what OpenAI takes, but no files; other makers' models.
  [
    'azure',
    'gpt-5-mini',
    { reasoning_request: 'reasoning_effort', files: 'none', prompt_cache_key: false, user_field: 'user' },
  ],
  ['azure', 'our-deployment', { max_tokens_field: 'max_completion_tokens', reasoning_request: 'none' }],
  ['azure', 'Mistral-large-2411', { max_tokens_field: 'max_tokens' }],
  [
    'azure',
    'grok-3-mini',
    {
      usage_output: 'completion_plus_reasoning',
      reasoning_levels: ['low', 'high'],
      max_tokens_field: 'max_tokens',
    },
  ],
  ['azure', 'grok-3', { usage_output: 'completion_plus_reasoning', reasoning_request: 'none' }],
  [
    'azure-foundry',
    'gpt-5-nano',
    { max_tokens_field: 'max_completion_tokens', reasoning_request: 'reasoning_effort' },
  ],
  ['azure-foundry', 'DeepSeek-V3', { max_tokens_field: 'max_tokens', reasoning_request: 'none' }],
  // OpenRouter
  [
    'openrouter',
    'anthropic/claude-sonnet-4.5',
    { cache_control: true, reasoning_budget_field: 'reasoning.max_tokens', images: 'url_and_data' },
  ],
  [
    'openrouter',
    'openai/gpt-5',
    { cache_control: false, reasoning_budget_field: '', reasoning_back: 'reasoning_details' },
  ],
  [
    'openrouter',
    'google/gemini-3-pro-preview',
    { schema_unions: 'lone', schema_refs: 'inline', cache_control: true },
  ],
  ['openrouter', 'google/gemma-3-27b-it', { schema_unions: 'any', cache_control: false }],
  ['vercel', 'google/gemini-2.5-flash', { schema_unions: 'lone' }],
  ['openrouter', 'moonshotai/kimi-k2-0905', { images: 'none' }],
  ['openrouter', 'moonshotai/kimi-k2.5', { images: 'url_and_data' }],
  ['openrouter', 'z-ai/glm-4.5v', { images: 'url_and_data' }],
  ['openrouter', 'z-ai/glm-4.6', { images: 'none' }],
  // NVIDIA: each family its own form, everything else the bare minimum.
  [
    'nvidia',
    'nvidia/nemotron-3-ultra',
    {
      reasoning_request: 'chat_template_kwargs',
      reasoning_template_key: 'enable_thinking',
      reasoning_budget_field: 'reasoning_budget',
    },
  ],
  [
    'nvidia',
    'nvidia/llama-3.3-nemotron-super-49b-v1',
    {
      reasoning_request: 'system_text',
      reasoning_system_text: ['detailed thinking on', 'detailed thinking off'],
      reasoning_budget_field: '',
    },
  ],
  [
    'nvidia',
    'nvidia/nvidia-nemotron-nano-9b-v2',
    {
      reasoning_request: 'system_text',
      reasoning_system_text: ['/think', '/no_think'],
      reasoning_budget_field: 'max_thinking_tokens',
    },
  ],
  [
    'nvidia',
    'z-ai/glm4.7',
    {
      reasoning_request: 'chat_template_kwargs',
      thinking_body: { chat_template_kwargs: { clear_thinking: false } },
      reasoning_budget_field: '',
    },
  ],
  ['nvidia', 'qwen/qwen3.5-397b-a17b', { reasoning_request: 'chat_template_kwargs', thinking_body: {} }],
  [
    'nvidia',
    'qwen/qwen3-coder-480b-a35b-instruct',
    { reasoning_request: 'none', parallel_tool_calls: 'none' },
  ],
  [
    'nvidia',
    'deepseek-ai/deepseek-v3.1',
    { reasoning_template_key: 'thinking', reasoning_back: 'reasoning_content' },
  ],
  [
    'nvidia',
    'moonshotai/kimi-k2-instruct',
    { reasoning_request: 'none', reasoning_back: 'none', images: 'none' },
  ],
  [
    'nvidia',
    'moonshotai/kimi-k2-thinking',
    { reasoning_request: 'none', reasoning_back: 'reasoning_content' },
  ],
  [
    'nvidia',
    'mistralai/mistral-large-3',
    { content_form: 'string', usage_in_stream: false, reasoning_request: 'none' },
  ],
  ['nvidia', 'mistralai/mistral-nemotron', { content_form: 'string', reasoning_request: 'none' }],
  [
    'nvidia',
    'meta/llama-4-maverick',
    { reasoning_request: 'none', images: 'url_and_data', content_form: 'parts' },
  ],
  ['nvidia', 'nvidia/nemotron-nano-12b-v2-vl', { images: 'url_and_data' }],
  // GLM
  [
    'glm',
    'glm-4.5',
    { reasoning_request: 'thinking', thinking_body: { thinking: { clear_thinking: false } }, images: 'none' },
  ],
  ['glm', 'glm-4.5v', { images: 'url_and_data', thinking_body: {} }],
  ['glm', 'glm-4.6v-flash', { images: 'url_and_data' }],
  ['glm', 'glm-5.1', { reasoning_request: 'thinking', reasoning_off: 'field' }],
  ['glm', 'glm-5.2', { reasoning_request: 'thinking_and_effort', reasoning_off: 'field' }],
  [
    'glm',
    'glm-5.3',
    {
      reasoning_request: 'thinking_and_effort',
      reasoning_levels: ['low', 'high', 'max'],
      reasoning_off: 'unsupported',
    },
  ],
  ['glm', 'glm-4-flash', { reasoning_request: 'none', reasoning_back: 'none' }],
  ['glm-coding', 'glm-4.7', { reasoning_request: 'thinking', tool_stream: true }],
  // MiniMax
  [
    'minimax',
    'MiniMax-M2.1',
    { reasoning_request: 'none', images: 'none', extra_body: { reasoning_split: true } },
  ],
  [
    'minimax',
    'MiniMax-M3',
    { reasoning_request: 'thinking', reasoning_on_value: 'adaptive', images: 'url_and_data' },
  ],
  // Kimi
  ['kimi', 'kimi-k2-0905-preview', { reasoning_request: 'none', temperature_range: [0, 1], images: 'none' }],
  ['kimi', 'kimi-k2-thinking', { reasoning_request: 'none', temperature_range: [1, 1] }],
  [
    'kimi',
    'kimi-k2.5',
    { reasoning_request: 'thinking', thinking_body: {}, sampling: [], images: 'data_only' },
  ],
  [
    'kimi',
    'kimi-k2.6',
    { reasoning_request: 'thinking', thinking_body: { thinking: { keep: 'all' } }, reasoning_off: 'field' },
  ],
  ['kimi', 'kimi-k2.7-code', { reasoning_off: 'unsupported', thinking_body: { thinking: { keep: 'all' } } }],
  [
    'kimi',
    'kimi-k3',
    {
      reasoning_request: 'reasoning_effort',
      reasoning_levels: ['low', 'high', 'max'],
      thinking_body: {},
      tool_choice: ['auto', 'none', 'required', 'named'],
    },
  ],
  ['kimi', 'moonshot-v1-128k', { reasoning_request: 'none', reasoning_back_required: false, images: 'none' }],
  ['kimi', 'moonshot-v1-8k-vision-preview', { images: 'data_only' }],
  // DeepSeek
  [
    'deepseek',
    'deepseek-chat',
    { reasoning_request: 'thinking', images: 'none', reasoning_back_required: true },
  ],
  ['deepseek', 'deepseek-reasoner', { reasoning_request: 'none', tool_choice: ['auto', 'none'] }],
  [
    'deepseek',
    'deepseek-v4-flash',
    { reasoning_request: 'thinking_and_effort', images: 'url_and_data', tool_choice_with_thinking: false },
  ],
  // Gemini: budgets for 2.5, levels for 3, on both of Google's endpoints.
  [
    'gemini',
    'gemini-2.5-flash',
    { reasoning_budget_field: 'extra_body.google.thinking_config.thinking_budget', reasoning_off: 'field' },
  ],
  ['gemini', 'gemini-2.5-pro', { reasoning_off: 'unsupported' }],
  [
    'gemini',
    'gemini-3-pro-preview',
    { reasoning_budget_field: '', reasoning_levels: ['low', 'high'], reasoning_off: 'unsupported' },
  ],
  ['gemini', 'gemini-3-flash-preview', { reasoning_levels: ['minimal', 'low', 'medium', 'high'] }],
  ['gemini', 'gemini-2.0-flash', { reasoning_request: 'none' }],
  [
    'vertex',
    'google/gemini-3-pro-preview',
    {
      reasoning_request: 'google_thinking_config',
      reasoning_levels: ['low', 'high'],
      tool_signature: 'google',
      thinking_body: { extra_body: { google: { thought_tag_marker: 'thought' } } },
    },
  ],
  [
    'vertex',
    'deepseek-ai/deepseek-v3.1-maas',
    { reasoning_request: 'none', tool_signature: 'none', usage_output: 'completion' },
  ],
  // Hosts
  [
    'groq',
    'qwen/qwen3-32b',
    { reasoning_levels: ['none', 'default'], extra_body: { reasoning_format: 'parsed' } },
  ],
  ['groq', 'openai/gpt-oss-120b', { reasoning_levels: ['low', 'medium', 'high'], extra_body: {} }],
  ['groq', 'meta-llama/llama-4-scout', { reasoning_request: 'none', images: 'url_and_data' }],
  ['mistral', 'mistral-small-latest', { reasoning_levels: ['none', 'high'], images: 'url_and_data' }],
  ['mistral', 'mistral-small-2402', { reasoning_request: 'none', images: 'none' }],
  ['mistral', 'magistral-medium-latest', { reasoning_request: 'none', reasoning_back: 'thinking_parts' }],
  ['mistral', 'mistral-large-latest', { reasoning_request: 'none' }],
  ['xai', 'grok-3', { max_stop_sequences: 4, reasoning_request: 'none' }],
  ['xai', 'grok-3-mini', { max_stop_sequences: 0, reasoning_levels: ['low', 'high'] }],
  [
    'xai',
    'grok-4-fast-non-reasoning',
    { max_stop_sequences: 4, reasoning_request: 'none', images: 'url_and_data' },
  ],
  ['xai', 'grok-4-fast', { max_stop_sequences: 0, reasoning_request: 'none' }],
  ['xai', 'grok-4.20-reasoning', { reasoning_request: 'none' }],
  ['xai', 'grok-4.3', { reasoning_levels: ['none', 'low', 'medium', 'high'], reasoning_off: 'field' }],
  ['xai', 'grok-4.5', { reasoning_levels: ['low', 'medium', 'high'], reasoning_off: 'unsupported' }],
  ['xai', 'grok-4.6', { reasoning_levels: ['low', 'medium', 'high', 'xhigh'] }],
  ['xai', 'grok-code-fast-1', { images: 'none', reasoning_request: 'none', max_stop_sequences: 0 }],
  ['qwen', 'qwen3-max', { reasoning_request: 'enable_thinking', images: 'none' }],
  ['qwen', 'qwen3-vl-plus', { images: 'url_and_data' }],
  ['qwen', 'qwen3-235b-a22b-thinking-2507', { reasoning_off: 'unsupported' }],
  ['qwen', 'qwen3-coder-plus', { reasoning_request: 'none', images: 'none' }],
  ['cerebras', 'gpt-oss-120b', { reasoning_off: 'unsupported', reasoning_back: 'none' }],
  [
    'cerebras',
    'zai-glm-4.7',
    { reasoning_back: 'think_tags', reasoning_levels: ['none', 'low', 'medium', 'high'] },
  ],
  ['cerebras', 'llama-3.3-70b', { reasoning_request: 'none', images: 'none' }],
  ['fireworks', 'accounts/fireworks/models/kimi-k2-instruct-0905', { reasoning_request: 'none' }],
  [
    'fireworks',
    'accounts/fireworks/models/kimi-k2p5',
    { reasoning_back: 'reasoning_content', images: 'url_and_data' },
  ],
  [
    'fireworks',
    'accounts/fireworks/models/llama-v3p1-8b-instruct',
    { reasoning_request: 'none', images: 'none' },
  ],
  ['together', 'meta-llama/Llama-3.3-70B-Instruct-Turbo', { reasoning_request: 'none', images: 'none' }],
  ['nebius', 'Qwen/Qwen2.5-VL-72B-Instruct', { images: 'url_and_data', reasoning_request: 'none' }],
  ['nebius', 'zai-org/GLM-4.7-FP8', { images: 'none', reasoning_request: 'chat_template_kwargs' }],
  [
    'bedrock',
    'openai.gpt-oss-20b-1:0',
    { reasoning_tags_where: 'anywhere', reasoning_request: 'reasoning_effort' },
  ],
  [
    'bedrock-mantle',
    'openai.gpt-oss-20b',
    { reasoning_tags_where: 'start', reasoning_request: 'reasoning_effort' },
  ],
  ['ollama', 'gpt-oss:20b', { reasoning_request: 'reasoning_effort', reasoning_off: 'unsupported' }],
  ['ollama', 'qwen3:14b', { reasoning_request: 'thinking', extra_body: {} }],
  [
    'vllm',
    'Qwen/Qwen3.5-35B-A3B',
    {
      reasoning_request: 'chat_template_kwargs',
      reasoning_template_key: 'enable_thinking',
      images: 'url_and_data',
    },
  ],
  ['vllm', 'Qwen/Qwen3-Next-80B-A3B-Instruct-FP8', { reasoning_request: 'none', images: 'none' }],
  ['vllm', 'deepseek-ai/DeepSeek-V3.1', { reasoning_template_key: 'thinking' }],
  ['vllm', 'meta-llama/Llama-3.2-1B-Instruct', { reasoning_request: 'none' }],
  ['sglang', 'moonshotai/Kimi-K2-Instruct', { reasoning_request: 'none', images: 'none' }],
]

const LIMITS: readonly [ProviderName, string, number | undefined, number | undefined][] = [
  ['openai', 'gpt-4o', 128_000, 16_384],
  ['openai', 'gpt-4.1', 1_047_576, 32_768],
  ['openai', 'gpt-4-turbo', 128_000, 4096],
  ['openai', 'gpt-4', 8192, undefined],
  ['openai', 'gpt-4-0125-preview', 128_000, 4096],
  ['openai', 'gpt-4.5-preview', 128_000, 16_384],
  ['openai', 'gpt-5', 400_000, 128_000],
  ['openai', 'gpt-5-chat-latest', 128_000, 16_384],
  ['openai', 'o1', 200_000, 100_000],
  ['openai', 'o1-mini', 128_000, 65_536],
  ['openai', 'anything-else', undefined, undefined],
  ['azure', 'gpt-35-turbo', 16_385, 4096],
  ['gemini', 'gemini-2.5-pro', 1_048_576, 65_535],
  ['gemini', 'gemini-3-pro-preview', undefined, undefined],
  ['deepseek', 'deepseek-chat', 1_048_565, undefined],
  ['nebius', 'Qwen/Qwen2.5-VL-72B-Instruct', 32_768, undefined],
  ['bedrock', 'openai.gpt-oss-120b-1:0', 128_000, undefined],
  ['ollama', 'qwen3:14b', 65_536, undefined],
  ['ollama-cloud', 'gpt-oss:120b', undefined, undefined],
]

describe('exceptions for single models', () => {
  for (const [name, model, expected] of CASES) {
    test(`${name}: ${model}`, () => {
      const { quirks } = mergeQuirks(PROVIDERS[name], model)
      for (const [field, value] of Object.entries(expected)) {
        assert.deepEqual(Object.entries(quirks).find(([key]) => key === field)?.[1], value, field)
      }
    })
  }

  for (const [name, model, contextWindow, maxOutputTokens] of LIMITS) {
    test(`${name}: ${model} has the limits that are known of it, and no others`, () => {
      const merged = mergeQuirks(PROVIDERS[name], model)
      assert.equal(merged.contextWindow, contextWindow)
      assert.equal(merged.maxOutputTokens, maxOutputTokens)
    })
  }

  test('no exception matches everything but the ones that mean to', () => {
    for (const [name, record] of Object.entries<Provider>(PROVIDERS)) {
      for (const { match } of record.models ?? []) {
        const meansAll = match === '*' && (name.startsWith('azure') || name.startsWith('vertex'))
        assert.equal(matchesModel(match, 'some-unheard-of-model'), meansAll, `${name}: ${match}`)
      }
    }
  })
})
