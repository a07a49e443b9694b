/**
 * A chunk of a Chat Completions stream, as far as we read it. Providers send null, nothing, or another type for
 * almost every field (recordings and public issues, 2026-11), so each is optional and nullable, and the converter checks
 * each by `typeof` before use. Chunks are not run through Zod: this is the hot path
 * (docs/decisions, "chunks are read by typeof").
 */
export interface ChatToolCallFragment {
  index?: number | null
  id?: string | null
  type?: string | null
  function?: { name?: string | null; arguments?: string | Record<string, unknown> | null } | null
  extra_content?: { google?: { thought_signature?: string } | null } | null
}

export interface ChatDelta {
  role?: string | null
  content?: string | readonly Record<string, unknown>[] | null
  refusal?: string | null
  reasoning_content?: string | null
  reasoning?: string | null
  reasoning_text?: string | null
  reasoning_details?: readonly Record<string, unknown>[] | null
  tool_calls?: readonly ChatToolCallFragment[] | null
  extra_content?: { google?: { thought?: boolean; thought_signature?: string } | null } | null
}

export interface ChatUsage {
  prompt_tokens?: number | null
  completion_tokens?: number | null
  total_tokens?: number | null
  prompt_tokens_details?: { cached_tokens?: number | null; cache_write_tokens?: number | null } | null
  completion_tokens_details?: { reasoning_tokens?: number | null } | null
  /** DeepSeek. */
  prompt_cache_hit_tokens?: number | null
  /** Kimi, Together, Perplexity. */
  cached_tokens?: number | null
}

export interface ChatChoice {
  index?: number | null
  delta?: ChatDelta | null
  /** A whole answer (`stream: false`, or a provider that ignores `stream`), or a last chunk that repeats it. */
  message?: ChatDelta | null
  finish_reason?: string | null
  native_finish_reason?: string | null
  /** vLLM, SGLang: the stop string that matched (or a token id). */
  stop_reason?: string | number | null
  matched_stop?: string | number | null
  usage?: ChatUsage | null
  error?: unknown
}

export interface ChatChunk {
  id?: string | null
  model?: string | null
  choices?: readonly ChatChoice[] | null
  usage?: ChatUsage | null
  x_groq?: { usage?: ChatUsage | null; error?: unknown } | null
  /** An error object inside a 200 (OpenRouter, Groq). */
  error?: unknown
  /**
   * Made by the decoders, never sent: the provider said that it has ended (`[DONE]`, Ollama's `done`, a whole JSON
   * answer). Snowflake and some OpenRouter routes end so without ever giving a finish reason.
   */
  done?: boolean
  /** MiniMax: `status_code` other than 0 is an error. */
  base_resp?: { status_code?: number; status_msg?: string } | null
}
