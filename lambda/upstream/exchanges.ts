import type { Dialect } from '../providers/provider.ts'
import { anthropicCountTokens, anthropicExchange } from './anthropic-exchange.ts'
import { chatExchange } from './chat-exchange.ts'
import { demoExchange } from './demo-exchange.ts'
import type { Exchange } from './exchange.ts'
import { ollamaExchange } from './ollama-exchange.ts'

/** How each dialect is spoken. */
export const EXCHANGES = {
  chat: chatExchange,
  ollama: ollamaExchange,
  messages: anthropicExchange,
  demo: demoExchange,
} as const satisfies Record<Dialect, Exchange>

/** Dialects whose providers count tokens themselves; for the others the gateway estimates. */
export const TOKEN_COUNTERS: Partial<Record<Dialect, typeof anthropicCountTokens>> = {
  messages: anthropicCountTokens,
}
