import type { Provider } from '../provider.ts'

/** OpenAI itself, and the base record for any OpenAI-compatible server with a `base_url` of its own. */
export const OPENAI: Provider = {
  title: 'OpenAI',
  dialect: 'chat',
  base_url: 'https://api.openai.com/v1',
  path: '/chat/completions',
  authentication: 'bearer',
  key: 'openai',
  quirks: {},
  source: 'openai 7.55 types, completions.d.ts (2026-11)',
}
