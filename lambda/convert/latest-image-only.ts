import type { MessagesRequest, RequestBlock } from '../anthropic/messages-request.ts'

/** Longest text that goes with the image: its last characters (the Nebius edition's own number). */
const TEXT_LIMIT = 1500

/**
 * The Nebius edition's lossy image rule, opt-in by `image_mode: latest-only`: when the latest user message holds an
 * image, that message alone goes to the vision model: no history, no system prompt, no tools, and of its text only
 * the last block that is neither blank, a system reminder nor an image caption. Images nested in tool results do not
 * count; images by URL are left out.
 * Returns undefined when the latest user message holds no image of its own.
 * Source: the rules of the Nebius edition, taken from its code (2026-11).
 */
export function toLatestImageOnly(request: MessagesRequest): MessagesRequest | undefined {
  const latest = request.messages.findLast(({ role }) => role === 'user')
  if (!latest || typeof latest.content === 'string') return undefined
  const { content } = latest
  if (!content.some(({ type }) => type === 'image' || type === 'image_url')) return undefined
  const images = content.filter(isUsableImage)
  const text = content.findLast(isOwnText)
  const { tools: _tools, tool_choice: _choice, system: _system, ...rest } = request
  return {
    ...rest,
    messages: [
      {
        role: 'user',
        content: text ? [{ type: 'text', text: String(text['text']).slice(-TEXT_LIMIT) }, ...images] : images,
      },
    ],
  }
}

/** Without an image in the latest user message, earlier images are left out before the usual model is asked. */
export function withoutImages(request: MessagesRequest): MessagesRequest {
  return {
    ...request,
    messages: request.messages.map((message) =>
      typeof message.content === 'string'
        ? message
        : { ...message, content: message.content.map(replaceImage) },
    ),
  }
}

/** A sentence stands in for the image: a model that is not told would claim that it saw it. */
function replaceImage(block: RequestBlock): RequestBlock {
  if (block.type !== 'image' && block.type !== 'image_url') return block
  return { type: 'text', text: '[image left out: this model sees only the image of the latest message]' }
}

function isUsableImage(block: RequestBlock): boolean {
  if (block.type === 'image_url') return true
  const source = block['source'] as { type?: unknown; media_type?: unknown; data?: unknown } | undefined
  return (
    block.type === 'image' &&
    source?.type === 'base64' &&
    typeof source.media_type === 'string' &&
    typeof source.data === 'string'
  )
}

function isOwnText(block: RequestBlock): boolean {
  if (block.type !== 'text' || typeof block['text'] !== 'string') return false
  const text = block['text'].trim()
  return text !== '' && !text.startsWith('<system-reminder>') && !text.toLowerCase().startsWith('[image:')
}
