import type { Provider } from '../provider.ts'

/** Perplexity's Sonar: answers from the web. No function tools, so no use to Claude Code as a main model. */
export const PERPLEXITY: Provider = {
  title: 'Perplexity Sonar',
  dialect: 'chat',
  base_url: 'https://api.perplexity.ai',
  path: '/chat/completions',
  authentication: 'bearer',
  key: 'perplexity',
  key_aliases: ['PPLX_API_KEY'],
  quirks: {
    tools: false,
    system_messages: 'first_only',
    parallel_tool_calls: 'none',
    prefill: 'none',
    // Every chunk carries the usage unasked.
    usage_in_stream: false,
  },
  models: [
    {
      match: 'sonar-deep-research*',
      quirks: { reasoning_request: 'reasoning_effort', reasoning_off: 'unsupported' },
      source: 'unverified (2026-11)',
    },
  ],
  notes: [
    'Takes no tools: Claude Code cannot work with it, a plain chat can.',
    'Its citations are not passed on.',
  ],
  source: 'recordings (corpus perplexity); that tools are not taken is unverified (2026-11-20)',
}
