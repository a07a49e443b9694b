import type { MessagesRequest } from '../anthropic/messages-request.ts'
import type { Quirks } from '../providers/quirks.ts'

/** The sampling fields that the provider takes; the temperature inside its range. */
export function toSamplingFields(
  request: MessagesRequest,
  quirks: Quirks,
): { temperature?: number; top_p?: number; top_k?: number } {
  const [coldest, hottest] = quirks.temperature_range
  const takes = new Set(quirks.sampling)
  const { temperature, top_p, top_k } = request
  return {
    ...(takes.has('temperature') && typeof temperature === 'number'
      ? { temperature: Math.min(hottest, Math.max(coldest, temperature)) }
      : {}),
    ...(takes.has('top_p') && typeof top_p === 'number' ? { top_p } : {}),
    ...(takes.has('top_k') && typeof top_k === 'number' ? { top_k } : {}),
  }
}
