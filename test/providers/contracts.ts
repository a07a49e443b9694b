import type { ChatMessage } from '../../lambda/openai/chat-request.ts'
import type { Authentication } from '../../lambda/providers/provider.ts'
import type { ProviderName } from '../../lambda/providers/table.ts'

/**
 * What `richRequest` must become for each provider, written by hand from the providers' documentation and the
 * recorded requests that were answered with 200. `fields` are all fields of the body but model, messages and tools:
 * one more or one less is a failure.
 */
export interface Contract {
  readonly provider: ProviderName
  readonly model: string
  readonly url: string
  readonly authentication: Authentication
  readonly fields: Readonly<Record<string, unknown>>
  /** Default: a system message "You help." */
  readonly system?: ChatMessage
  /** Whether the model sees the image of the first message. */
  readonly sees: boolean
  /** What is special about the assistant's message in the history. Default: nothing but text and call. */
  readonly assistant?: Partial<ChatMessage>
  /** Default: `call_1`. */
  readonly toolId?: string
  /** Default: the caller's schema without `$schema`. */
  readonly parameters?: Readonly<Record<string, unknown>>
  readonly strict?: true
}

const THOUGHT = 'The user wants the weather.'
/** `user-7`, hashed: stable, short, and says nothing of the person. */
const USER = '21348b5ee53bad5f968d589c1831bd1d'

const STREAM = { stream: true, stream_options: { include_usage: true } }
const WARM = { temperature: 0.5, top_p: 0.9 }
const STOP = { stop: ['END'] }
const AUTO = { tool_choice: 'auto' }
const ONE_CALL = { ...AUTO, parallel_tool_calls: false }

/** OpenAI's strict mode knows no minLength, so the description says it. */
const STRICT_PARAMETERS = {
  type: 'object',
  properties: {
    city: { type: 'string', description: '(minLength: 1)' },
    unit: { const: 'C' },
    when: { type: 'string', format: 'date' },
  },
  required: ['city', 'unit', 'when'],
  additionalProperties: false,
}

/** Gemini: no additionalProperties, const as enum, of the formats only enum and date-time. */
const GOOGLE_PARAMETERS = {
  type: 'object',
  properties: {
    city: { type: 'string', minLength: 1 },
    unit: { enum: ['C'] },
    when: { type: 'string', description: '(format: "date")' },
  },
  required: ['city', 'unit', 'when'],
}

const FOREIGN_CALL: Partial<ChatMessage> = {
  tool_calls: [
    {
      id: 'call_1',
      type: 'function',
      function: { name: 'get_weather', arguments: '{"city":"Rome"}' },
      extra_content: { google: { thought_signature: 'skip_thought_signature_validator' } },
    },
  ],
}

const OPENAI_CONTRACTS: readonly Contract[] = [
  {
    provider: 'openai',
    model: 'gpt-5-mini',
    url: 'https://api.openai.com/v1/chat/completions',
    authentication: 'bearer',
    // No sampling and no stop: a reasoning model answers 400 to them.
    fields: {
      ...STREAM,
      ...ONE_CALL,
      max_completion_tokens: 2000,
      reasoning_effort: 'high',
      safety_identifier: USER,
      prompt_cache_key: USER,
    },
    system: { role: 'developer', content: 'You help.' },
    sees: true,
    parameters: STRICT_PARAMETERS,
    strict: true,
  },
  {
    provider: 'openai',
    model: 'gpt-4o',
    url: 'https://api.openai.com/v1/chat/completions',
    authentication: 'bearer',
    fields: {
      ...STREAM,
      ...ONE_CALL,
      ...WARM,
      ...STOP,
      max_completion_tokens: 2000,
      safety_identifier: USER,
      prompt_cache_key: USER,
    },
    sees: true,
    parameters: STRICT_PARAMETERS,
    strict: true,
  },
  {
    // Any compatible server: only what nearly all of them know.
    provider: 'openai',
    model: 'some-model',
    url: 'https://api.openai.com/v1/chat/completions',
    authentication: 'bearer',
    fields: { ...STREAM, ...ONE_CALL, ...WARM, ...STOP, max_tokens: 2000, reasoning_effort: 'high' },
    sees: true,
  },
  {
    provider: 'azure',
    model: 'gpt-5-mini',
    url: 'https://example.openai.azure.com/openai/v1/chat/completions',
    authentication: 'api-key',
    fields: { ...STREAM, ...ONE_CALL, max_completion_tokens: 2000, reasoning_effort: 'high', user: USER },
    system: { role: 'developer', content: 'You help.' },
    sees: true,
    parameters: STRICT_PARAMETERS,
    strict: true,
  },
  {
    provider: 'azure-deployment',
    model: 'gpt-4o-mini',
    url: 'https://example.openai.azure.com/openai/deployments/gpt-4o-mini/chat/completions?api-version=2024-12-01-preview',
    authentication: 'api-key',
    fields: { ...STREAM, ...ONE_CALL, ...WARM, ...STOP, max_completion_tokens: 2000, user: USER },
    sees: true,
    parameters: STRICT_PARAMETERS,
    strict: true,
  },
  {
    provider: 'azure-foundry',
    model: 'grok-3-mini',
    url: 'https://example.services.ai.azure.com/models/chat/completions?api-version=2024-05-01-preview',
    authentication: 'api-key',
    fields: { ...STREAM, ...ONE_CALL, ...WARM, max_tokens: 2000, reasoning_effort: 'high', user: USER },
    sees: true,
  },
]

const GATEWAY_CONTRACTS: readonly Contract[] = [
  {
    provider: 'openrouter',
    model: 'anthropic/claude-sonnet-4.5',
    url: 'https://openrouter.ai/api/v1/chat/completions',
    authentication: 'bearer',
    fields: {
      ...STREAM,
      ...ONE_CALL,
      ...WARM,
      ...STOP,
      top_k: 40,
      max_tokens: 2000,
      reasoning: { effort: 'high' },
      user: USER,
    },
    sees: true,
    assistant: { reasoning: THOUGHT },
  },
  {
    provider: 'requesty',
    model: 'openai/gpt-4.1',
    url: 'https://router.requesty.ai/v1/chat/completions',
    authentication: 'bearer',
    fields: { ...STREAM, ...ONE_CALL, ...WARM, ...STOP, max_tokens: 2000, reasoning_effort: 'high' },
    sees: true,
  },
  {
    provider: 'vercel',
    model: 'anthropic/claude-sonnet-4',
    url: 'https://ai-gateway.vercel.sh/v1/chat/completions',
    authentication: 'bearer',
    fields: { ...STREAM, ...ONE_CALL, ...WARM, ...STOP, max_tokens: 2000, reasoning: { effort: 'high' } },
    sees: true,
    assistant: { reasoning: THOUGHT },
  },
  {
    provider: 'snowflake',
    model: 'claude-sonnet-4-6',
    url: 'https://org-acct.snowflakecomputing.com/api/v2/cortex/v1/chat/completions',
    authentication: 'bearer',
    fields: {
      ...STREAM,
      ...ONE_CALL,
      ...WARM,
      ...STOP,
      max_completion_tokens: 2000,
      reasoning: { effort: 'high' },
    },
    sees: true,
    assistant: { reasoning: THOUGHT },
  },
  {
    provider: 'huggingface',
    model: 'moonshotai/Kimi-K2-Instruct-0905:groq',
    url: 'https://router.huggingface.co/v1/chat/completions',
    authentication: 'bearer',
    fields: { ...STREAM, ...ONE_CALL, ...WARM, ...STOP, max_tokens: 2000 },
    sees: false,
  },
]

const NVIDIA_URL = 'https://integrate.api.nvidia.com/v1/chat/completions'
/** No parallel_tool_calls, no user, nothing that a closed schema could refuse. */
const NVIDIA_FIELDS = { ...STREAM, ...AUTO, ...WARM, ...STOP, max_tokens: 2000 }

const NVIDIA_CONTRACTS: readonly Contract[] = [
  {
    provider: 'nvidia',
    model: 'nvidia/nemotron-3-ultra',
    url: NVIDIA_URL,
    authentication: 'bearer',
    fields: { ...NVIDIA_FIELDS, chat_template_kwargs: { enable_thinking: true } },
    sees: false,
    assistant: { reasoning_content: THOUGHT },
  },
  {
    provider: 'nvidia',
    model: 'z-ai/glm4.7',
    url: NVIDIA_URL,
    authentication: 'bearer',
    fields: { ...NVIDIA_FIELDS, chat_template_kwargs: { enable_thinking: true, clear_thinking: false } },
    sees: false,
    assistant: { reasoning_content: THOUGHT },
  },
  {
    provider: 'nvidia',
    model: 'deepseek-ai/deepseek-v3.1',
    url: NVIDIA_URL,
    authentication: 'bearer',
    fields: { ...NVIDIA_FIELDS, chat_template_kwargs: { thinking: true } },
    sees: false,
    assistant: { reasoning_content: THOUGHT },
  },
  {
    provider: 'nvidia',
    model: 'nvidia/llama-3.3-nemotron-super-49b-v1',
    url: NVIDIA_URL,
    authentication: 'bearer',
    fields: NVIDIA_FIELDS,
    system: { role: 'system', content: 'detailed thinking on\n\nYou help.' },
    sees: false,
  },
  {
    provider: 'nvidia',
    model: 'mistralai/mistral-large-3',
    url: NVIDIA_URL,
    authentication: 'bearer',
    fields: { ...AUTO, ...WARM, ...STOP, max_tokens: 2000, stream: true },
    sees: false,
  },
  {
    provider: 'nvidia',
    model: 'meta/llama-4-maverick',
    url: NVIDIA_URL,
    authentication: 'bearer',
    fields: NVIDIA_FIELDS,
    sees: true,
  },
]

const VENDOR_CONTRACTS: readonly Contract[] = [
  ...(
    [
      ['glm', 'https://api.z.ai/api/paas/v4/chat/completions'],
      ['glm-coding', 'https://api.z.ai/api/coding/paas/v4/chat/completions'],
      ['bigmodel', 'https://open.bigmodel.cn/api/paas/v4/chat/completions'],
    ] as const
  ).map(
    ([provider, url]): Contract => ({
      provider,
      model: 'glm-4.7',
      url,
      authentication: 'bearer',
      fields: {
        ...STREAM,
        ...AUTO,
        ...WARM,
        ...STOP,
        max_tokens: 2000,
        thinking: { type: 'enabled', clear_thinking: false },
        tool_stream: true,
      },
      sees: false,
      assistant: { reasoning_content: THOUGHT },
    }),
  ),
  {
    provider: 'glm',
    model: 'glm-5.3',
    url: 'https://api.z.ai/api/paas/v4/chat/completions',
    authentication: 'bearer',
    fields: {
      ...STREAM,
      ...AUTO,
      ...WARM,
      ...STOP,
      max_tokens: 2000,
      thinking: { type: 'enabled', clear_thinking: false },
      reasoning_effort: 'high',
      tool_stream: true,
    },
    sees: false,
    assistant: { reasoning_content: THOUGHT },
  },
  ...(
    [
      ['minimax', 'https://api.minimax.io/v1/chat/completions'],
      ['minimax-cn', 'https://api.minimaxi.com/v1/chat/completions'],
    ] as const
  ).map(
    ([provider, url]): Contract => ({
      provider,
      model: 'MiniMax-M2.1',
      url,
      authentication: 'bearer',
      // Neither tool_choice nor stop is documented.
      fields: { ...STREAM, ...WARM, max_completion_tokens: 2000, reasoning_split: true },
      sees: false,
      assistant: { content: `<think>${THOUGHT}</think>Let me look.` },
    }),
  ),
  {
    provider: 'minimax',
    model: 'MiniMax-M3',
    url: 'https://api.minimax.io/v1/chat/completions',
    authentication: 'bearer',
    fields: {
      ...STREAM,
      ...WARM,
      max_completion_tokens: 2000,
      reasoning_split: true,
      thinking: { type: 'adaptive' },
    },
    sees: true,
    assistant: { content: `<think>${THOUGHT}</think>Let me look.` },
  },
  ...(
    [
      ['kimi', 'https://api.moonshot.ai/v1/chat/completions'],
      ['kimi-cn', 'https://api.moonshot.cn/v1/chat/completions'],
    ] as const
  ).map(
    ([provider, url]): Contract => ({
      provider,
      model: 'kimi-k2.6',
      url,
      authentication: 'bearer',
      fields: {
        ...STREAM,
        ...ONE_CALL,
        ...STOP,
        max_tokens: 2000,
        thinking: { type: 'enabled', keep: 'all' },
      },
      sees: true,
      assistant: { reasoning_content: THOUGHT },
    }),
  ),
  {
    provider: 'kimi',
    model: 'kimi-k3',
    url: 'https://api.moonshot.ai/v1/chat/completions',
    authentication: 'bearer',
    fields: { ...STREAM, ...ONE_CALL, ...STOP, max_tokens: 2000, reasoning_effort: 'high' },
    sees: true,
    assistant: { reasoning_content: THOUGHT },
  },
  {
    provider: 'deepseek',
    model: 'deepseek-v4-pro',
    url: 'https://api.deepseek.com/chat/completions',
    authentication: 'bearer',
    fields: {
      ...STREAM,
      ...ONE_CALL,
      ...WARM,
      ...STOP,
      max_tokens: 2000,
      thinking: { type: 'enabled' },
      reasoning_effort: 'high',
    },
    sees: true,
    assistant: { reasoning_content: THOUGHT },
  },
  {
    provider: 'deepseek',
    model: 'deepseek-chat',
    url: 'https://api.deepseek.com/chat/completions',
    authentication: 'bearer',
    fields: { ...STREAM, ...ONE_CALL, ...WARM, ...STOP, max_tokens: 2000, thinking: { type: 'enabled' } },
    sees: false,
    assistant: { reasoning_content: THOUGHT },
  },
  {
    provider: 'gemini',
    model: 'gemini-3-pro-preview',
    url: 'https://generativelanguage.googleapis.com/v1beta/openai/chat/completions',
    authentication: 'bearer',
    fields: {
      ...STREAM,
      ...AUTO,
      ...WARM,
      ...STOP,
      max_tokens: 2000,
      extra_body: { google: { thinking_config: { include_thoughts: true, thinking_level: 'high' } } },
    },
    sees: true,
    assistant: FOREIGN_CALL,
    parameters: GOOGLE_PARAMETERS,
  },
  {
    provider: 'gemini',
    model: 'gemini-2.5-flash',
    url: 'https://generativelanguage.googleapis.com/v1beta/openai/chat/completions',
    authentication: 'bearer',
    // High effort is no limit: 2.5 decides for itself.
    fields: {
      ...STREAM,
      ...AUTO,
      ...WARM,
      ...STOP,
      max_tokens: 2000,
      extra_body: { google: { thinking_config: { include_thoughts: true } } },
    },
    sees: true,
    assistant: FOREIGN_CALL,
    parameters: GOOGLE_PARAMETERS,
  },
  ...(
    [
      [
        'vertex',
        'https://us-central1-aiplatform.googleapis.com/v1/projects/example/locations/us-central1/endpoints/openapi/chat/completions',
      ],
      [
        'vertex-global',
        'https://aiplatform.googleapis.com/v1/projects/example/locations/global/endpoints/openapi/chat/completions',
      ],
    ] as const
  ).map(
    ([provider, url]): Contract => ({
      provider,
      model: 'google/gemini-3-pro-preview',
      url,
      authentication: 'google',
      fields: {
        ...STREAM,
        ...AUTO,
        ...WARM,
        ...STOP,
        max_tokens: 2000,
        extra_body: {
          google: {
            thinking_config: { include_thoughts: true, thinking_level: 'high' },
            thought_tag_marker: 'thought',
          },
        },
      },
      sees: true,
      assistant: FOREIGN_CALL,
      parameters: GOOGLE_PARAMETERS,
    }),
  ),
  {
    provider: 'mistral',
    model: 'mistral-medium-3-5',
    url: 'https://api.mistral.ai/v1/chat/completions',
    authentication: 'bearer',
    fields: { ...ONE_CALL, ...WARM, ...STOP, max_tokens: 2000, stream: true, reasoning_effort: 'high' },
    sees: true,
    toolId: '283cea49d',
    assistant: {
      content: [
        { type: 'thinking', thinking: [{ type: 'text', text: THOUGHT }] },
        { type: 'text', text: 'Let me look.' },
      ],
    },
  },
  {
    provider: 'xai',
    model: 'grok-4.3',
    url: 'https://api.x.ai/v1/chat/completions',
    authentication: 'bearer',
    fields: {
      ...STREAM,
      ...AUTO,
      ...WARM,
      parallel_function_calling: false,
      max_completion_tokens: 2000,
      reasoning_effort: 'high',
    },
    sees: true,
    parameters: {
      type: 'object',
      properties: {
        city: { type: 'string', description: '(minLength: 1)' },
        unit: { const: 'C' },
        when: { type: 'string', format: 'date' },
      },
      required: ['city', 'unit', 'when'],
    },
  },
  ...(
    [
      ['qwen', 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1/chat/completions'],
      ['qwen-cn', 'https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions'],
    ] as const
  ).map(
    ([provider, url]): Contract => ({
      provider,
      model: 'qwen3-vl-plus',
      url,
      authentication: 'bearer',
      fields: {
        ...STREAM,
        ...ONE_CALL,
        ...WARM,
        ...STOP,
        top_k: 40,
        max_tokens: 2000,
        enable_thinking: true,
      },
      sees: true,
    }),
  ),
]

const HOST_CONTRACTS: readonly Contract[] = [
  {
    provider: 'nebius',
    model: 'zai-org/GLM-4.7-FP8',
    url: 'https://api.tokenfactory.nebius.com/v1/chat/completions',
    authentication: 'bearer',
    fields: {
      ...STREAM,
      ...ONE_CALL,
      ...WARM,
      ...STOP,
      top_k: 40,
      max_tokens: 2000,
      chat_template_kwargs: { enable_thinking: true, clear_thinking: false },
    },
    sees: false,
    assistant: { reasoning_content: THOUGHT },
  },
  {
    provider: 'groq',
    model: 'qwen/qwen3-32b',
    url: 'https://api.groq.com/openai/v1/chat/completions',
    authentication: 'bearer',
    fields: {
      ...STREAM,
      ...ONE_CALL,
      ...WARM,
      ...STOP,
      max_completion_tokens: 2000,
      reasoning_effort: 'default',
      reasoning_format: 'parsed',
      user: USER,
    },
    sees: false,
  },
  {
    provider: 'cerebras',
    model: 'zai-glm-4.7',
    url: 'https://api.cerebras.ai/v1/chat/completions',
    authentication: 'bearer',
    fields: {
      ...STREAM,
      ...ONE_CALL,
      ...WARM,
      ...STOP,
      max_completion_tokens: 2000,
      reasoning_effort: 'high',
      user: USER,
    },
    sees: false,
    assistant: { content: `<think>${THOUGHT}</think>Let me look.` },
  },
  {
    provider: 'together',
    model: 'deepseek-ai/DeepSeek-V3.1',
    url: 'https://api.together.ai/v1/chat/completions',
    authentication: 'bearer',
    fields: {
      ...STREAM,
      ...ONE_CALL,
      ...WARM,
      ...STOP,
      top_k: 40,
      max_tokens: 2000,
      chat_template_kwargs: { thinking: true },
    },
    sees: false,
  },
  {
    provider: 'fireworks',
    model: 'accounts/fireworks/models/glm-5p1',
    url: 'https://api.fireworks.ai/inference/v1/chat/completions',
    authentication: 'bearer',
    fields: {
      ...STREAM,
      ...ONE_CALL,
      ...WARM,
      ...STOP,
      top_k: 40,
      max_tokens: 2000,
      reasoning_effort: 'high',
      user: USER,
    },
    sees: false,
    assistant: { reasoning_content: THOUGHT },
  },
  {
    provider: 'bedrock',
    model: 'openai.gpt-oss-20b-1:0',
    url: 'https://bedrock-runtime.eu-central-1.amazonaws.com/openai/v1/chat/completions',
    authentication: 'sigv4-bedrock',
    fields: {
      ...STREAM,
      ...ONE_CALL,
      ...WARM,
      ...STOP,
      max_completion_tokens: 2000,
      reasoning_effort: 'high',
    },
    sees: false,
  },
  {
    provider: 'bedrock-mantle',
    model: 'openai.gpt-oss-20b',
    url: 'https://bedrock-mantle.eu-central-1.api.aws/v1/chat/completions',
    authentication: 'sigv4-bedrock',
    fields: {
      ...STREAM,
      ...ONE_CALL,
      ...WARM,
      ...STOP,
      max_completion_tokens: 2000,
      reasoning_effort: 'high',
    },
    sees: false,
  },
]

const LOCAL_CONTRACTS: readonly Contract[] = [
  {
    provider: 'ollama-v1',
    model: 'qwen3-vl:8b',
    url: 'http://localhost:11434/v1/chat/completions',
    authentication: 'bearer',
    fields: { ...STREAM, ...WARM, ...STOP, max_tokens: 2000, reasoning_effort: 'high' },
    sees: true,
    assistant: { reasoning: THOUGHT },
  },
  {
    provider: 'lmstudio',
    model: 'qwen/qwen3-vl-8b',
    url: 'http://localhost:1234/v1/chat/completions',
    authentication: 'bearer',
    fields: { ...STREAM, ...AUTO, ...WARM, ...STOP, max_tokens: 2000 },
    sees: true,
  },
  {
    provider: 'llamacpp',
    model: 'openai/gpt-oss-20b',
    url: 'http://localhost:8080/v1/chat/completions',
    authentication: 'bearer',
    fields: {
      ...STREAM,
      ...ONE_CALL,
      ...WARM,
      ...STOP,
      top_k: 40,
      max_tokens: 2000,
      reasoning_effort: 'high',
    },
    sees: false,
    assistant: { reasoning_content: THOUGHT },
  },
  {
    provider: 'vllm',
    model: 'Qwen/Qwen3.5-35B-A3B',
    url: 'http://localhost:8000/v1/chat/completions',
    authentication: 'bearer',
    fields: {
      ...STREAM,
      ...ONE_CALL,
      ...WARM,
      ...STOP,
      top_k: 40,
      max_tokens: 2000,
      chat_template_kwargs: { enable_thinking: true },
    },
    sees: true,
    assistant: { reasoning: THOUGHT },
  },
  {
    provider: 'sglang',
    model: 'zai-org/GLM-4.6',
    url: 'http://localhost:30000/v1/chat/completions',
    authentication: 'bearer',
    fields: {
      ...STREAM,
      ...ONE_CALL,
      ...WARM,
      ...STOP,
      top_k: 40,
      max_tokens: 2000,
      chat_template_kwargs: { enable_thinking: true, clear_thinking: false },
    },
    sees: false,
    assistant: { reasoning_content: THOUGHT },
  },
]

export const CONTRACTS: readonly Contract[] = [
  ...OPENAI_CONTRACTS,
  ...GATEWAY_CONTRACTS,
  ...NVIDIA_CONTRACTS,
  ...VENDOR_CONTRACTS,
  ...HOST_CONTRACTS,
  ...LOCAL_CONTRACTS,
]
