import type { RequestBlock } from '../anthropic/messages-request.ts'
import type { Target } from '../map/target.ts'
import type { ChatContentPart, ChatMessage } from '../openai/chat-request.ts'
import { readText } from './block-fields.ts'
import { mergeReasoningDetails } from './reasoning-details.ts'
import { decodeThinkingSignature } from './thinking-signature.ts'

/** The reasoning of one assistant message, in what its provider wants to see again. */
export interface ReasoningBack {
  /** Fields beside `content`. */
  readonly fields: Pick<ChatMessage, 'reasoning_content' | 'reasoning' | 'reasoning_details'>
  /** Goes in front of the text (`<think>…</think>`). */
  readonly textBefore: string
  /** Goes in front of the text as parts (Mistral). */
  readonly partsBefore: readonly ChatContentPart[]
  /** Gemini's signature of a tool call, by the caller's id of the call. */
  readonly toolSignatures: ReadonlyMap<string, string>
}

/** What the thinking blocks of one assistant message hold for this target. */
interface OwnReasoning {
  text: string
  readonly details: unknown[]
  readonly toolSignatures: Map<string, string>
}

/**
 * Thinking blocks for the provider they came from. Another provider's are dropped, and so are details and
 * signatures of another model of the same provider: each would be refused there (docs/conversion.md, "Thinking").
 */
export function toReasoningBack(blocks: readonly RequestBlock[], target: Target): ReasoningBack {
  const own = readOwnReasoning(blocks, target)
  const back = { fields: {}, textBefore: '', partsBefore: [], toolSignatures: own.toolSignatures }
  switch (target.quirks.reasoning_back) {
    case 'none':
      return back
    case 'reasoning_content':
      return { ...back, fields: own.text === '' ? {} : { reasoning_content: own.text } }
    case 'reasoning':
      return { ...back, fields: own.text === '' ? {} : { reasoning: own.text } }
    case 'reasoning_details':
      // A signature that came late stands in a block of its own; it belongs to the detail it signs.
      if (own.details.length > 0)
        return { ...back, fields: { reasoning_details: mergeReasoningDetails(own.details) } }
      if (target.quirks.reasoning_back_plain === 'think_tags')
        return { ...back, textBefore: inTags(own.text) }
      return { ...back, fields: own.text === '' ? {} : { reasoning: own.text } }
    case 'thinking_parts':
      return { ...back, partsBefore: toThinkingParts(own.text) }
    case 'think_tags':
      return { ...back, textBefore: inTags(own.text) }
  }
}

function inTags(text: string): string {
  return text === '' ? '' : `<think>${text}</think>`
}

function readOwnReasoning(blocks: readonly RequestBlock[], target: Target): OwnReasoning {
  const own: OwnReasoning = { text: '', details: [], toolSignatures: new Map() }
  for (const block of blocks) {
    if (block.type !== 'thinking') continue
    const carried = decodeThinkingSignature(readText(block, 'signature') ?? '')
    if (carried === undefined || carried.provider !== target.provider) continue
    own.text += carried.text ?? readText(block, 'thinking') ?? ''
    if (carried.model !== target.model) continue
    own.details.push(...(carried.details ?? []))
    for (const [id, signature] of Object.entries(carried.toolSignatures ?? {})) {
      own.toolSignatures.set(id, signature)
    }
  }
  return own
}

/** Mistral's streams cut a part into many; back it goes whole. */
function toThinkingParts(text: string): ChatContentPart[] {
  return text === '' ? [] : [{ type: 'thinking', thinking: [{ type: 'text', text }] }]
}
