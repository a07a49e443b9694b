import type { Provider } from '../provider.ts'

/** Anthropic itself, and any endpoint that speaks its API: bytes pass through, only the model's name changes. */
export const ANTHROPIC: Provider = {
  title: 'Anthropic, or any Anthropic-compatible endpoint',
  dialect: 'messages',
  base_url: 'https://api.anthropic.com',
  path: '/v1/messages',
  authentication: 'x-api-key',
  key: 'anthropic',
  headers: { 'anthropic-version': '2023-06-01' },
  quirks: {},
  notes: [
    'Request and answer pass through untouched, beta headers included; only the model is renamed.',
    'Another compatible endpoint: type: anthropic and base_url without /v1/messages.',
  ],
  source: 'Messages API reference; recordings (corpus anthropic, 2026-11-20)',
}

/** MiniMax recommends its Anthropic endpoint over its OpenAI one. */
export const MINIMAX_ANTHROPIC: Provider = {
  ...ANTHROPIC,
  title: 'MiniMax (Anthropic form)',
  base_url: 'https://api.minimax.io/anthropic',
  authentication: 'bearer',
  key: 'minimax',
  notes: ['The endpoint that MiniMax recommends for agents.'],
  source: 'MiniMax documentation; the key as Bearer is unverified (2026-11-20)',
}

export const DEEPSEEK_ANTHROPIC: Provider = {
  ...ANTHROPIC,
  title: 'DeepSeek (Anthropic form)',
  base_url: 'https://api.deepseek.com/anthropic',
  key: 'deepseek',
  notes: ["DeepSeek's own conversion of the Messages API."],
  source: 'DeepSeek documentation; unverified (2026-11-20)',
}

export const GLM_ANTHROPIC: Provider = {
  ...ANTHROPIC,
  title: 'Z.ai GLM (Anthropic form)',
  base_url: 'https://api.z.ai/api/anthropic',
  authentication: 'bearer',
  key: 'glm',
  key_aliases: ['ZAI_API_KEY', 'Z_AI_API_KEY'],
  notes: ["Z.ai's own conversion of the Messages API."],
  source: 'docs.z.ai; unverified (2026-11-20)',
}
