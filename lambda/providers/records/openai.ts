import { forModels } from '../for-models.ts'
import type { ModelException, Provider } from '../provider.ts'
import type { PartialQuirks } from '../quirks.ts'

/** What OpenAI's own models take beyond the cautious base, by its SDK's types (openai 7.55, 2026-11). */
const OPENAI_MODEL: PartialQuirks = {
  max_tokens_field: 'max_completion_tokens',
  strict_tools: true,
  max_tools: 128,
  // A longer id is refused: "string too long … maximum length 40".
  tool_id_form: 'at_most_40',
  prompt_cache_key: true,
  user_field: 'safety_identifier',
  service_tier: true,
  files: 'pdf',
  // A plain assistant message at the end is answered, not continued.
  prefill: 'none',
}

const CHAT_MODEL: PartialQuirks = { ...OPENAI_MODEL, reasoning_request: 'none' }

/** o-series and gpt-5: refuse `max_tokens`, `stop` and sampling; recorded as 400 unsupported_parameter. */
const REASONING_MODEL: PartialQuirks = {
  ...OPENAI_MODEL,
  system_role: 'developer',
  sampling: [],
  max_stop_sequences: 0,
  // Claude Code probes with max_tokens 1; gpt-5 refuses less than 16 (litellm#35061).
  min_output_tokens: 16,
  reasoning_request: 'reasoning_effort',
  reasoning_levels: ['low', 'medium', 'high'],
  reasoning_off: 'unsupported',
  tool_choice_with_thinking: true,
}

const EFFORTS =
  'efforts by model: pydantic-ai profiles/openai.py, verified there against the live API 2026-07'
const LIMITS = 'limits: platform.openai.com/docs/models, read second-hand 2026-11'

/**
 * OpenAI's model families by name. Also spread into Azure's records, where a deployment is usually named after its
 * model. Order matters: the later, narrower line wins.
 */
export const OPENAI_MODELS: readonly ModelException[] = [
  ...forModels(['gpt-3.5*', 'gpt-35*'], {
    quirks: {
      ...CHAT_MODEL,
      images: 'none',
      files: 'none',
      response_format: 'forced_tool',
      strict_tools: false,
    },
    context_window: 16_385,
    max_output_tokens: 4096,
    source: LIMITS,
  }),
  {
    match: 'gpt-4*',
    quirks: {
      ...CHAT_MODEL,
      images: 'none',
      files: 'none',
      response_format: 'forced_tool',
      strict_tools: false,
    },
    source: LIMITS,
  },
  ...forModels(['gpt-4', 'gpt-4-0314', 'gpt-4-0613'], { context_window: 8192, source: LIMITS }),
  { match: 'gpt-4-32k*', context_window: 32_768, source: LIMITS },
  ...forModels(['gpt-4-turbo*', 'gpt-4-*-preview'], {
    context_window: 128_000,
    max_output_tokens: 4096,
    source: LIMITS,
  }),
  { match: 'gpt-4-turbo*', quirks: { images: 'url_and_data' }, source: 'model card (2026-11)' },
  ...forModels(['gpt-4o*', 'chatgpt-4o*', 'gpt-4.5*'], {
    quirks: { ...CHAT_MODEL, images: 'url_and_data', response_format: 'json_schema' },
    context_window: 128_000,
    max_output_tokens: 16_384,
    source: LIMITS,
  }),
  {
    match: 'gpt-4.1*',
    quirks: { ...CHAT_MODEL, images: 'url_and_data', response_format: 'json_schema' },
    context_window: 1_047_576,
    max_output_tokens: 32_768,
    source: LIMITS,
  },
  ...forModels(['o1*', 'o3*', 'o4*'], {
    quirks: REASONING_MODEL,
    context_window: 200_000,
    max_output_tokens: 100_000,
    source: `corpus openai/vercel-reasoning-model-legacy-parameter-error.json; ${LIMITS}`,
  }),
  {
    // Refuses both `system` and `developer` with unsupported_value, and knows neither tools nor reasoning_effort.
    match: 'o1-mini*',
    quirks: {
      system_role: 'user',
      images: 'none',
      files: 'none',
      tools: false,
      reasoning_request: 'none',
      strict_tools: false,
    },
    context_window: 128_000,
    max_output_tokens: 65_536,
    source: 'corpus openai: two 400 answers of o1-mini to system and developer; tools unverified (2026-11)',
  },
  {
    match: 'o3-mini*',
    quirks: { images: 'none', files: 'none' },
    source: 'model card; unverified (2026-11)',
  },
  {
    match: 'gpt-5*',
    quirks: { ...REASONING_MODEL, reasoning_levels: ['minimal', 'low', 'medium', 'high'] },
    context_window: 400_000,
    max_output_tokens: 128_000,
    source: `${EFFORTS}; ${LIMITS}`,
  },
  {
    match: 'gpt-5-pro*',
    quirks: { reasoning_levels: ['high'] },
    source: 'learn.microsoft.com ReasoningEffort (2026-11)',
  },
  {
    // 5.1 and later take "none", and not "minimal".
    match: 'gpt-5.*',
    quirks: { reasoning_levels: ['none', 'low', 'medium', 'high', 'xhigh'], reasoning_off: 'field' },
    source: `${EFFORTS}; learn.microsoft.com: xhigh for all after gpt-5.1-codex-max`,
  },
  { match: 'gpt-5.1*', quirks: { reasoning_levels: ['none', 'low', 'medium', 'high'] }, source: EFFORTS },
  {
    match: 'gpt-5.1-codex*',
    quirks: { reasoning_levels: ['low', 'medium', 'high'], reasoning_off: 'unsupported' },
    source: EFFORTS,
  },
  {
    match: 'gpt-5.1-codex-max*',
    quirks: { reasoning_levels: ['low', 'medium', 'high', 'xhigh'] },
    source: EFFORTS,
  },
  ...forModels(['gpt-5.2-pro*', 'gpt-5.4-pro*', 'gpt-5.5-pro*'], {
    quirks: { reasoning_levels: ['medium', 'high', 'xhigh'], reasoning_off: 'unsupported' },
    source: `${EFFORTS}; the levels themselves unverified`,
  }),
  {
    // The chat variants of 5.1 and later think at a fixed medium: every other value is refused.
    match: 'gpt-5.*-chat*',
    quirks: { reasoning_request: 'none' },
    source: EFFORTS,
  },
  {
    // gpt-5-chat-latest does not think at all: an ordinary chat model with an unfortunate name.
    match: 'gpt-5-chat*',
    quirks: {
      ...CHAT_MODEL,
      system_role: 'system',
      sampling: ['temperature', 'top_p'],
      max_stop_sequences: 4,
      min_output_tokens: 1,
    },
    context_window: 128_000,
    max_output_tokens: 16_384,
    source: `${EFFORTS}; ${LIMITS}`,
  },
  {
    match: 'gpt-6*',
    quirks: { ...REASONING_MODEL, reasoning_levels: ['low', 'medium', 'high', 'xhigh'] },
    source: `${EFFORTS} (gpt-6-astra, from its model guide: no "none"); limits unknown`,
  },
  ...forModels(['ft:gpt-4o*', 'ft:gpt-4.1*'], {
    quirks: CHAT_MODEL,
    source: "fine-tuned models keep their base's parameters",
  }),
]

/**
 * OpenAI itself, and the base record for any OpenAI-compatible server with a `base_url` of its own. So what is
 * special to OpenAI's models is bound to their names, and an unknown name gets what nearly every server takes.
 */
export const OPENAI: Provider = {
  title: 'OpenAI, or any compatible server',
  dialect: 'chat',
  base_url: 'https://api.openai.com/v1',
  path: '/chat/completions',
  authentication: 'bearer',
  key: 'openai',
  quirks: {
    // vLLM, SGLang, llama.cpp, LM Studio and Ollama take it; a server that refuses it is asked once more without.
    reasoning_request: 'reasoning_effort',
    reasoning_off: 'unsaid',
  },
  models: OPENAI_MODELS,
  notes: [
    'Chat Completions never returns the reasoning of OpenAI models: no thinking blocks, only their token count.',
    'gpt-5.6 refuses tools on Chat Completions (seen on Azure; unverified on OpenAI), so it is of no use to Claude Code.',
    'For another compatible server set base_url; its limits and peculiarities go under quirks.',
  ],
  source: 'openai 7.55 types, completions.d.ts; recordings (corpus openai, 2026-11-20)',
}
