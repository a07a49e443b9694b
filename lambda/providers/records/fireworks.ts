import type { Provider } from '../provider.ts'
import { TEXT_ONLY } from './model-families.ts'

const DOCS = 'docs.fireworks.ai/guides/reasoning (2026-11)'

/** Fireworks AI. Models are named accounts/fireworks/models/…. */
export const FIREWORKS: Provider = {
  title: 'Fireworks AI',
  dialect: 'chat',
  base_url: 'https://api.fireworks.ai/inference/v1',
  path: '/chat/completions',
  authentication: 'bearer',
  key: 'fireworks',
  key_aliases: ['FIREWORKS_AI_API_KEY'],
  quirks: {
    sampling: ['temperature', 'top_p', 'top_k'],
    user_field: 'user',
    reasoning_back: 'reasoning_content',
  },
  models: [
    ...TEXT_ONLY,
    {
      match: '*gpt-oss*',
      quirks: {
        reasoning_request: 'reasoning_effort',
        reasoning_levels: ['low', 'medium', 'high'],
        reasoning_off: 'unsupported',
      },
      source: DOCS,
    },
    {
      match: '*glm-5*',
      quirks: { reasoning_request: 'reasoning_effort', reasoning_levels: ['none', 'high', 'max'] },
      source: `langchain deepagents, citing ${DOCS}`,
    },
    {
      match: '*kimi-k2*',
      quirks: {
        reasoning_request: 'reasoning_effort',
        reasoning_levels: ['low', 'medium', 'high'],
        reasoning_off: 'unsupported',
      },
      source: `langchain deepagents, citing ${DOCS}`,
    },
    // The first k2 models do not think.
    { match: '*kimi-k2-instruct*', quirks: { reasoning_request: 'none' }, source: 'model card (2026-11)' },
    {
      match: '*deepseek-v4*',
      quirks: {
        reasoning_request: 'reasoning_effort',
        reasoning_levels: ['none', 'low', 'medium', 'high', 'xhigh'],
      },
      source: `langchain deepagents, citing ${DOCS}`,
    },
    {
      match: '*deepseek-r1*',
      quirks: { reasoning_back: 'none' },
      source: 'R1 must not get its reasoning back (2026-11)',
    },
  ],
  notes: ['Reasoning effort is sent only to families for which it is known; others think as they please.'],
  source: `corpus fireworks; ${DOCS}`,
}
