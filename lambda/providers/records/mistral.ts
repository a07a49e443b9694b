import { forModels } from '../for-models.ts'
import type { Provider } from '../provider.ts'

const EFFORTS =
  'reasoning_effort none|high: docs.mistral.ai/capabilities/reasoning; corpus mistral/rubyllm hybrid-reasoning (2026-11)'

/** Mistral's own API: nine-character tool ids, reasoning as parts of the content that go back as they came. */
export const MISTRAL: Provider = {
  title: 'Mistral',
  dialect: 'chat',
  base_url: 'https://api.mistral.ai/v1',
  path: '/chat/completions',
  authentication: 'bearer',
  key: 'mistral',
  quirks: {
    tool_id_form: 'alphanumeric_9',
    prefill: 'prefix',
    // "any" is its own word; a named function was recorded with 200.
    tool_choice: ['auto', 'none', 'any', 'named'],
    // The last chunk brings the usage unasked; the field is not documented.
    usage_in_stream: false,
    reasoning_back: 'thinking_parts',
  },
  models: [
    ...forModels(['mistral-small-latest', 'mistral-small-26*', 'mistral-medium-3*'], {
      quirks: { reasoning_request: 'reasoning_effort', reasoning_levels: ['none', 'high'] },
      source: EFFORTS,
    }),
    ...forModels(
      [
        'codestral*',
        'mistral-tiny*',
        'open-mistral*',
        'open-mixtral*',
        'mistral-small-24*',
        'ministral-3b*',
        'ministral-8b*',
      ],
      {
        quirks: { images: 'none' },
        source: 'model cards; unverified (2026-11)',
      },
    ),
  ],
  notes: [
    'magistral models always think and have no switch.',
    'Tool ids are rewritten to nine letters and digits on the way there, and back.',
  ],
  source: 'docs.mistral.ai; recordings (corpus mistral, 2026-11-20)',
}
