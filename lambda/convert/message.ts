import type { Message, MessageEvent, Usage } from '../anthropic/message-event.ts'
import type { MessageDeltaUsage } from './usage.ts'

/** Folds the events of one message into the body of an answer to `stream: false`. One conversion, not two. */
export interface MessageFold {
  push(events: readonly MessageEvent[]): void
  /** @throws when no `message_start` has come. */
  message(): Message
}

export function createMessageFold(): MessageFold {
  let message: Message | undefined
  let open: OpenBlock | undefined

  function fold(event: MessageEvent): void {
    if (event.type === 'message_start') {
      message = { ...event.message, content: [...event.message.content] }
      return
    }
    if (message === undefined) throw new Error('a message begins with message_start')
    if (event.type === 'content_block_start') {
      open?.finish()
      open = new OpenBlock({ ...event.content_block })
      message.content.push(open.block)
    } else if (event.type === 'content_block_delta') {
      open?.add(event.delta)
    } else if (event.type === 'message_delta') {
      open?.finish()
      message = { ...message, ...event.delta, usage: laterUsage(message.usage, event.usage) }
    }
  }

  return {
    push(events) {
      for (const event of events) fold(event)
    },
    message() {
      if (message === undefined) throw new Error('a message begins with message_start')
      return message
    },
  }
}

type Delta = Extract<MessageEvent, { type: 'content_block_delta' }>['delta']

class OpenBlock {
  readonly block: Message['content'][number]
  /** Of the text or JSON, joined once at the end. */
  readonly #pieces: string[] = []

  constructor(block: Message['content'][number]) {
    this.block = block
  }

  add(delta: Delta): void {
    const { block } = this
    if (delta.type === 'text_delta') this.#pieces.push(delta.text)
    else if (delta.type === 'thinking_delta') this.#pieces.push(delta.thinking)
    else if (delta.type === 'input_json_delta') this.#pieces.push(delta.partial_json)
    else if (delta.type === 'signature_delta' && block.type === 'thinking') block.signature = delta.signature
    else if (delta.type === 'citations_delta' && block.type === 'text')
      block.citations = [...(block.citations ?? []), delta.citation]
  }

  finish(): void {
    const { block } = this
    const joined = this.#pieces.splice(0).join('')
    if (block.type === 'text') block.text += joined
    else if (block.type === 'thinking') block.thinking += joined
    else if (block.type === 'tool_use' && joined !== '') block.input = toInput(joined)
  }
}

/**
 * Arguments that were cut off (`max_tokens`) are no JSON. Claude Code gives its tools the same form for those, so a
 * tool refuses them and the model sees what it wrote.
 */
function toInput(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return { __unparsedToolInput: { raw: json, len: json.length } }
  }
}

/** Later counts overwrite earlier ones where they say something. */
function laterUsage(usage: Usage, later: MessageDeltaUsage): Usage {
  return {
    ...usage,
    input_tokens: later.input_tokens ?? usage.input_tokens,
    cache_creation_input_tokens: later.cache_creation_input_tokens ?? usage.cache_creation_input_tokens,
    cache_read_input_tokens: later.cache_read_input_tokens ?? usage.cache_read_input_tokens,
    output_tokens: later.output_tokens,
    output_tokens_details: later.output_tokens_details ?? usage.output_tokens_details,
    server_tool_use: later.server_tool_use ?? usage.server_tool_use,
  }
}
