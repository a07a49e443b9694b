import { toChatRequest } from '../convert/chat-request.ts'
import { toMessageEvents } from '../convert/message-events.ts'
import { askUpstream } from './ask-upstream.ts'
import type { Exchange } from './exchange.ts'
import { openedEvents } from './opened-events.ts'
import { chatChunks } from './sse.ts'

/** Chat Completions, as OpenAI and nearly everybody else speaks it. Always streamed, whatever the caller asked for. */
export const chatExchange: Exchange = async (attempt) => {
  const { request, target, messageId, alias, log } = attempt
  const { body, rules } = await askUpstream(attempt, {
    convert: (limited) => toChatRequest(request, limited, { messageId, alias }),
    accept: 'text/event-stream',
  })
  const chunks = chatChunks(body, {
    provider: target.provider,
    idleSeconds: target.timeouts.idleSeconds,
    log,
  })
  return { kind: 'events', target, events: await openedEvents(toMessageEvents(chunks, rules)) }
}
