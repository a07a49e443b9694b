import type { MessagesRequest, RequestBlock } from '../anthropic/messages-request.ts'

/** Whether a request carries an image anywhere: history and tool results included. */
export function holdsImages(request: Pick<MessagesRequest, 'messages'>): boolean {
  return request.messages.some(({ content }) => typeof content !== 'string' && content.some(isOrHoldsImage))
}

function isOrHoldsImage(block: RequestBlock): boolean {
  if (block.type === 'image') return true
  const nested = block['content']
  return block.type === 'tool_result' && Array.isArray(nested) && nested.some(isImage)
}

function isImage(block: unknown): boolean {
  return typeof block === 'object' && block !== null && (block as { type?: unknown }).type === 'image'
}
