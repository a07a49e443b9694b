import type { MessagesRequest } from '../anthropic/messages-request.ts'

/** Ids of the tool calls in the history, which a new call must not have. */
export function takenToolIds(request: Pick<MessagesRequest, 'messages'>): ReadonlySet<string> {
  const ids = new Set<string>()
  for (const { role, content } of request.messages) {
    if (role !== 'assistant' || typeof content === 'string') continue
    for (const block of content)
      if (block.type === 'tool_use' && typeof block['id'] === 'string') ids.add(block['id'])
  }
  return ids
}
