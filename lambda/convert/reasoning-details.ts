import { isRecord } from './block-fields.ts'

/**
 * Collects `reasoning_details` as the provider wants them back: whole, in order. In a stream the text of one detail
 * comes in pieces under its index, and the signature in a late piece without text (OpenRouter, recordings 2026-11).
 */
export function mergeReasoningDetails(pieces: readonly unknown[]): Record<string, unknown>[] {
  const merged: Record<string, unknown>[] = []
  for (const piece of pieces) {
    if (!isRecord(piece)) continue
    const previous = merged.findLast((detail) => belongsTo(piece, detail))
    if (previous === undefined) merged.push({ ...piece })
    else append(previous, piece)
  }
  return merged
}

/** The text that a caller may see: encrypted details have none. */
export function reasoningDetailsText(pieces: readonly unknown[]): string {
  let text = ''
  for (const piece of pieces) {
    if (!isRecord(piece)) continue
    if (typeof piece['text'] === 'string') text += piece['text']
    else if (typeof piece['summary'] === 'string') text += piece['summary']
    else if (typeof piece['content'] === 'string') text += piece['content']
  }
  return text
}

function belongsTo(piece: Record<string, unknown>, detail: Record<string, unknown>): boolean {
  if (piece['type'] !== detail['type'] || piece['index'] !== detail['index']) return false
  // Encrypted data is never cut into pieces; two blobs are two details (Gemini, one per tool call).
  if (typeof piece['data'] === 'string') return false
  return (
    piece['id'] === undefined ||
    piece['id'] === null ||
    detail['id'] === undefined ||
    detail['id'] === null ||
    piece['id'] === detail['id']
  )
}

function append(detail: Record<string, unknown>, piece: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(piece)) {
    const before = detail[name]
    if ((name === 'text' || name === 'summary') && typeof value === 'string')
      detail[name] = (typeof before === 'string' ? before : '') + value
    else if (value !== null && value !== undefined && (before === null || before === undefined))
      detail[name] = value
  }
}
