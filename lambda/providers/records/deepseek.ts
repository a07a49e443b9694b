import type { Provider } from '../provider.ts'

/** DeepSeek's own API. Its reasoning must come back on every assistant message with tool calls, even as "". */
export const DEEPSEEK: Provider = {
  title: 'DeepSeek',
  dialect: 'chat',
  base_url: 'https://api.deepseek.com',
  path: '/chat/completions',
  authentication: 'bearer',
  key: 'deepseek',
  quirks: {
    images: 'none',
    // Continuing an assistant message needs the /beta URL.
    prefill: 'none',
    response_format: 'json_object',
    reasoning_request: 'thinking',
    reasoning_back: 'reasoning_content',
    reasoning_back_required: true,
    // "Thinking mode does not support this tool_choice."
    tool_choice_with_thinking: false,
  },
  models: [
    {
      match: 'deepseek-chat*',
      context_window: 1_048_565,
      source: 'corpus deepseek, 400 answer: "maximum context length is 1048565 tokens" (2026-11)',
    },
    {
      match: 'deepseek-reasoner*',
      quirks: { reasoning_request: 'none', reasoning_off: 'unsupported', tool_choice: ['auto', 'none'] },
      source: 'always thinks; forced tool_choice refused: pydantic-ai deepseek.py (2026-11)',
    },
    {
      match: 'deepseek-v4*',
      quirks: {
        reasoning_request: 'thinking_and_effort',
        reasoning_levels: ['low', 'medium', 'high', 'max'],
        images: 'url_and_data',
      },
      source:
        'corpus deepseek/rubyllm thinking-control (both fields, 200); images: vercel/ai packages/deepseek (2026-11)',
    },
  ],
  notes: [
    'deepseek-v4 thinks unless told not to; effort goes up to max.',
    'While it thinks, a forced tool choice is not accepted: it does not think in a turn that forces one.',
    'Structured output is by JSON mode with the schema in the prompt.',
  ],
  source: 'DeepSeek documentation; opencode#24083; recordings (corpus deepseek, 2026-11-20)',
}
