import type { Provider } from '../provider.ts'

/** A small scripted model inside the process: the first `curl` streams an answer with no key at all. */
export const DEMO: Provider = {
  title: 'Demo (built in)',
  dialect: 'demo',
  base_url: 'demo:',
  path: '',
  authentication: 'none',
  key: 'none',
  quirks: { reasoning_request: 'reasoning_effort', images: 'url_and_data', reasoning_back: 'none' },
  context_window: 200_000,
  max_output_tokens: 32_000,
  notes: ['Answers from inside the gateway, for a first try and for tests.'],
  source: 'this project',
}
