import { forModels } from '../for-models.ts'
import type { Provider } from '../provider.ts'

const EFFORTS = 'vercel/ai supports-reasoning-effort.ts, pydantic-ai grok.py (2026-11)'

/** xAI. Its completion_tokens leave the reasoning out: 390 + 26 + 77 = 493 in the recordings. */
export const XAI: Provider = {
  title: 'xAI Grok',
  dialect: 'chat',
  base_url: 'https://api.x.ai/v1',
  path: '/chat/completions',
  authentication: 'bearer',
  key: 'xai',
  key_aliases: ['GROK_API_KEY'],
  quirks: {
    max_tokens_field: 'max_completion_tokens',
    // Reasoning models refuse stop, and most Grok models reason.
    max_stop_sequences: 0,
    max_tools: 200,
    parallel_tool_calls: 'parallel_function_calling',
    schema_drop: [
      '$schema',
      '$id',
      'allOf',
      'minLength',
      'maxLength',
      'minItems',
      'maxItems',
      'contains',
      'additionalProperties',
    ],
    usage_output: 'completion_plus_reasoning',
  },
  models: [
    ...forModels(['grok-2*', 'grok-3*', 'grok-code*', 'grok-beta*'], {
      quirks: { images: 'none' },
      source: 'model cards; unverified (2026-11)',
    }),
    {
      match: 'grok-2-vision*',
      quirks: { images: 'url_and_data' },
      source: 'model card; unverified (2026-11)',
    },
    ...forModels(['grok-2*', 'grok-3', 'grok-3-fast*', 'grok-3-latest', 'grok-beta*', '*non-reasoning*'], {
      quirks: { max_stop_sequences: 4 },
      source: 'docs.x.ai: only reasoning models refuse stop (2026-11)',
    }),
    {
      match: 'grok-3-mini*',
      quirks: {
        reasoning_request: 'reasoning_effort',
        reasoning_levels: ['low', 'high'],
        reasoning_off: 'unsupported',
      },
      source: `corpus xai, grok-3-mini with high; ${EFFORTS}`,
    },
    {
      match: 'grok-4.3*',
      quirks: { reasoning_request: 'reasoning_effort', reasoning_levels: ['none', 'low', 'medium', 'high'] },
      source: EFFORTS,
    },
    {
      // "This model does not support 'reasoning_effort' value 'none'."
      match: 'grok-4.5*',
      quirks: {
        reasoning_request: 'reasoning_effort',
        reasoning_levels: ['low', 'medium', 'high'],
        reasoning_off: 'unsupported',
      },
      source: EFFORTS,
    },
    {
      match: 'grok-4.6*',
      quirks: {
        reasoning_request: 'reasoning_effort',
        reasoning_levels: ['low', 'medium', 'high', 'xhigh'],
        reasoning_off: 'unsupported',
      },
      source: `${EFFORTS}; whether it takes none is unverified`,
    },
  ],
  notes: [
    'grok-3, grok-4, grok-4-fast and grok-4.20 take no reasoning effort; they think as they please.',
    'Stop sequences are watched by the gateway, because reasoning models refuse them.',
  ],
  source: 'docs.x.ai; recordings (corpus xai, 2026-11-20)',
}
