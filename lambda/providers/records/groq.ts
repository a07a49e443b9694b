import type { Provider } from '../provider.ts'
import { TEXT_ONLY } from './model-families.ts'

/** Groq. Fast, strict about tool arguments: 400 tool_use_failed, in a stream as an `event: error` frame. */
export const GROQ: Provider = {
  title: 'Groq',
  dialect: 'chat',
  base_url: 'https://api.groq.com/openai/v1',
  path: '/chat/completions',
  authentication: 'bearer',
  key: 'groq',
  quirks: {
    max_tokens_field: 'max_completion_tokens',
    user_field: 'user',
    max_tools: 128,
    reasoning_fields: ['reasoning', 'reasoning_content', 'reasoning_details', 'reasoning_text'],
  },
  models: [
    ...TEXT_ONLY,
    {
      match: '*qwen3*',
      quirks: {
        reasoning_request: 'reasoning_effort',
        reasoning_levels: ['none', 'default'],
        // Raw reasoning is refused together with tools.
        extra_body: { reasoning_format: 'parsed' },
      },
      source:
        'corpus groq/pydantic-reasoning-wire-contract-groq-qwen3; console.groq.com/docs/reasoning (2026-11)',
    },
    {
      match: '*deepseek-r1*',
      quirks: { extra_body: { reasoning_format: 'parsed' } },
      source: 'corpus groq/pydantic-groq-model-thinking-part: parsed and raw both answer 200 (2026-11)',
    },
    {
      match: '*gpt-oss*',
      quirks: {
        reasoning_request: 'reasoning_effort',
        reasoning_levels: ['low', 'medium', 'high'],
        reasoning_off: 'unsupported',
      },
      source: 'console.groq.com/docs/reasoning by vercel/ai; unverified (2026-11)',
    },
  ],
  notes: ['A tool call that Groq itself could not read ends as an error; the client asks again.'],
  source: 'recordings (corpus groq, 2026-11-20)',
}
