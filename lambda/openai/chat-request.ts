import type OpenAI from 'openai'

/** OpenAI's Chat Completions request, plus the fields that other providers add to it. */

export type ChatContentPart =
  | (OpenAI.ChatCompletionContentPartText & { cache_control?: unknown })
  | OpenAI.ChatCompletionContentPartImage
  | OpenAI.ChatCompletionContentPart.File
  /** Mistral: reasoning that goes back as it came. */
  | { type: 'thinking'; thinking: readonly { type: 'text'; text: string }[] }

export interface ChatToolCall {
  id: string
  type: 'function'
  function: { name: string; arguments: string }
  /** Gemini's OpenAI form: `{ google: { thought_signature } }`. */
  extra_content?: unknown
}

export interface ChatMessage {
  role: 'system' | 'developer' | 'user' | 'assistant' | 'tool'
  content?: string | ChatContentPart[] | null
  tool_calls?: ChatToolCall[]
  tool_call_id?: string
  name?: string
  /** DeepSeek, GLM, Kimi, MiniMax … want their reasoning back. Which field: quirk `reasoning_back`. */
  reasoning_content?: string
  reasoning?: string
  reasoning_details?: unknown[]
  /** Mistral (`prefix`), Kimi (`partial`): continue this assistant message. */
  prefix?: boolean
  partial?: boolean
}

export interface ChatTool {
  type: 'function'
  function: {
    name: string
    description?: string
    parameters?: Record<string, unknown>
    strict?: boolean
  }
  cache_control?: unknown
}

export interface ChatRequest {
  model: string
  messages: ChatMessage[]
  stream: true
  stream_options?: { include_usage: boolean }
  max_tokens?: number
  max_completion_tokens?: number
  temperature?: number
  top_p?: number
  top_k?: number
  stop?: string[]
  tools?: ChatTool[]
  tool_choice?: 'auto' | 'none' | 'required' | 'any' | { type: 'function'; function: { name: string } }
  parallel_tool_calls?: boolean
  response_format?: Record<string, unknown>
  reasoning_effort?: string
  user?: string
  /** Providers' own fields: `thinking`, `chat_template_kwargs`, `reasoning_split`, whatever a quirk names. */
  [field: string]: unknown
}
