import type { Provider } from '../provider.ts'
import { GEMINI_SCHEMA } from './gemini-schema.ts'
import { TEXT_ONLY } from './model-families.ts'

const CACHE_MARKERS =
  'openrouter.ai/docs, prompt caching: cache_control on parts for Anthropic and Gemini models (2026-11)'

/** OpenRouter hides most differences of the models behind one form; `reasoning_details` must come back untouched. */
export const OPENROUTER: Provider = {
  title: 'OpenRouter',
  dialect: 'chat',
  base_url: 'https://openrouter.ai/api/v1',
  path: '/chat/completions',
  authentication: 'bearer',
  key: 'openrouter',
  quirks: {
    sampling: ['temperature', 'top_p', 'top_k'],
    user_field: 'user',
    reasoning_request: 'reasoning',
    reasoning_levels: ['minimal', 'low', 'medium', 'high', 'xhigh'],
    reasoning_budget_field: 'reasoning.max_tokens',
    reasoning_back: 'reasoning_details',
    reasoning_fields: ['reasoning_details', 'reasoning', 'reasoning_content', 'reasoning_text'],
  },
  models: [
    ...TEXT_ONLY,
    { match: 'anthropic/*', quirks: { cache_control: true }, source: CACHE_MARKERS },
    {
      match: 'google/gemini*',
      quirks: { cache_control: true, ...GEMINI_SCHEMA },
      source: CACHE_MARKERS,
    },
    {
      // Effort or budget, not both: OpenAI's models know efforts only.
      match: 'openai/*',
      quirks: { reasoning_budget_field: '', max_stop_sequences: 4 },
      source: 'openrouter.ai/docs/use-cases/reasoning-tokens (2026-11)',
    },
    {
      match: 'x-ai/*',
      quirks: { reasoning_budget_field: '' },
      source: 'openrouter.ai/docs/use-cases/reasoning-tokens: efforts only (2026-11)',
    },
  ],
  notes: [
    'A forced tool_choice makes Anthropic models behind OpenRouter stop thinking for that turn.',
    'Errors 402 (no credits) and 403 (moderation) come through with their meaning.',
  ],
  source: 'openrouter.ai/docs/use-cases/reasoning-tokens; recordings (corpus openrouter, 2026-11-20)',
}
