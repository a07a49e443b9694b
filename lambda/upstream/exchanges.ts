import type { Dialect } from '../providers/provider.ts'
import { anthropicExchange } from './anthropic-exchange.ts'
import { chatExchange } from './chat-exchange.ts'
import { demoExchange } from './demo-exchange.ts'
import type { Exchange } from './exchange.ts'
import { ollamaExchange } from './ollama-exchange.ts'

/** How each dialect is spoken. */
export const EXCHANGES = {
  chat: chatExchange,
  ollama: ollamaExchange,
  anthropic: anthropicExchange,
  demo: demoExchange,
} as const satisfies Record<Dialect, Exchange>
