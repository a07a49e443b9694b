import { MessageStream } from '@anthropic-ai/sdk/lib/MessageStream'
import type { Message, WireEvent } from '../../lambda/anthropic/message-event.ts'

/** The official SDK's own accumulation of a stream, as a second opinion on our events. */
export async function sdkFold(events: readonly WireEvent[]): Promise<Message> {
  const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('')
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(lines))
      controller.close()
    },
  })
  return await MessageStream.fromReadableStream(body).finalMessage()
}
