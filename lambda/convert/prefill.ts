import type { ChatMessage } from '../openai/chat-request.ts'
import type { Quirks } from '../providers/quirks.ts'

const CONTINUE = 'Continue your last message exactly where it ends. Repeat nothing of it.'

/** A last assistant message asks the model to go on from there; each provider wants to hear that in its own way. */
export function continuePrefill(messages: readonly ChatMessage[], quirks: Quirks): ChatMessage[] {
  const last = messages.at(-1)
  if (last?.role !== 'assistant' || last.tool_calls !== undefined) return [...messages]
  switch (quirks.prefill) {
    case 'plain':
      return [...messages]
    case 'prefix':
      return [...messages.slice(0, -1), { ...last, prefix: true }]
    case 'partial':
      return [...messages.slice(0, -1), { ...last, partial: true }]
    case 'none':
      return [...messages, { role: 'user', content: CONTINUE }]
  }
}
