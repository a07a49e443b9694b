import type { WireEvent } from '../anthropic/message-event.ts'

/**
 * Events as the text of an SSE stream. The `event:` line is needed: the SDK skips frames without one.
 * A text delta is put together by hand, being nearly all of what is sent; only its string needs escaping.
 */
export function encodeEvents(events: readonly WireEvent[]): string {
  let text = ''
  for (const event of events) text += encodeEvent(event)
  return text
}

function encodeEvent(event: WireEvent): string {
  if (event.type === 'content_block_delta') {
    const start = `event: content_block_delta\ndata: {"type":"content_block_delta","index":${event.index},"delta":`
    const { delta } = event
    if (delta.type === 'text_delta')
      return `${start}{"type":"text_delta","text":${JSON.stringify(delta.text)}}}\n\n`
    if (delta.type === 'thinking_delta')
      return `${start}{"type":"thinking_delta","thinking":${JSON.stringify(delta.thinking)}}}\n\n`
    if (delta.type === 'input_json_delta')
      return `${start}{"type":"input_json_delta","partial_json":${JSON.stringify(delta.partial_json)}}}\n\n`
  }
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
}
