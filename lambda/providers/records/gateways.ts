import { forModels } from '../for-models.ts'
import type { Provider } from '../provider.ts'
import type { PartialQuirks } from '../quirks.ts'
import { GEMINI_SCHEMA } from './gemini-schema.ts'
import { TEXT_ONLY } from './model-families.ts'

/** Gateways in OpenRouter's manner: one form for many makers' models, named `maker/model`. */
const LIKE_OPENROUTER: PartialQuirks = {
  reasoning_request: 'reasoning',
  reasoning_levels: ['low', 'medium', 'high'],
  reasoning_back: 'reasoning_details',
  reasoning_fields: ['reasoning_details', 'reasoning', 'reasoning_content', 'reasoning_text'],
}

const BEHIND = 'as on OpenRouter, where pydantic-ai does the same; unverified here (2026-11)'

export const REQUESTY: Provider = {
  title: 'Requesty',
  dialect: 'chat',
  base_url: 'https://router.requesty.ai/v1',
  path: '/chat/completions',
  authentication: 'bearer',
  key: 'requesty',
  quirks: { reasoning_request: 'reasoning_effort', reasoning_off: 'unsaid' },
  models: [
    ...TEXT_ONLY,
    ...forModels(['google/gemini*', 'vertex/google/gemini*'], { quirks: GEMINI_SCHEMA, source: BEHIND }),
  ],
  notes: [
    'Auto cache (REQUESTY_AUTO_CACHE of the predecessor): quirks: { extra_body: { requesty: { auto_cache: true } } }.',
    'EU: base_url https://router.eu.requesty.ai/v1.',
  ],
  source: 'docs.requesty.ai, auto caching and llms.txt; the rest unverified (2026-11-20)',
}

export const VERCEL: Provider = {
  title: 'Vercel AI Gateway',
  dialect: 'chat',
  base_url: 'https://ai-gateway.vercel.sh/v1',
  path: '/chat/completions',
  authentication: 'bearer',
  key: 'vercel',
  key_aliases: ['AI_GATEWAY_API_KEY'],
  quirks: { ...LIKE_OPENROUTER, reasoning_budget_field: 'reasoning.max_tokens' },
  models: [
    ...TEXT_ONLY,
    { match: 'google/gemini*', quirks: GEMINI_SCHEMA, source: BEHIND },
    {
      match: 'openai/*',
      quirks: { reasoning_budget_field: '' },
      source: 'OpenAI models know efforts only (2026-11)',
    },
    {
      match: 'xai/*',
      quirks: { reasoning_budget_field: '' },
      source: 'Grok models know efforts only (2026-11)',
    },
  ],
  source: 'corpus vercel-gateway; vercel.com/docs/ai-gateway, reasoning (2026-11-20)',
}

export const SNOWFLAKE: Provider = {
  title: 'Snowflake Cortex',
  dialect: 'chat',
  base_url: 'https://{account}.snowflakecomputing.com/api/v2/cortex/v1',
  path: '/chat/completions',
  authentication: 'bearer',
  key: 'snowflake',
  quirks: { ...LIKE_OPENROUTER, max_tokens_field: 'max_completion_tokens' },
  models: [
    {
      match: 'openai-*',
      quirks: { reasoning_request: 'none' },
      source: 'corpus snowflake holds gpt-4.1 only; effort for others unverified (2026-11)',
    },
    ...TEXT_ONLY,
  ],
  notes: ['Set options: { account: ORGANISATION-ACCOUNT }; the key is a programmatic access token.'],
  source: 'corpus snowflake; the limit field is unverified (2026-11-20)',
}
