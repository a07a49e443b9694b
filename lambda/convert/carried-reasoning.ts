import type { AnswerRules } from './answer-rules.ts'
import type { SignatureSource } from './message-blocks.ts'
import { mergeReasoningDetails } from './reasoning-details.ts'
import { encodeThinkingSignature } from './thinking-signature.ts'

/** Gathers what the provider must see again in later turns, until a thinking block takes it along. */
export interface CarriedReasoningStore extends SignatureSource {
  /** The provider wants its reasoning back. */
  readonly wantsReasoning: boolean
  addText(text: string): void
  addDetails(details: readonly unknown[]): void
  addToolSignature(toolUseId: string, signature: string): void
}

export function createCarriedReasoning(rules: AnswerRules): CarriedReasoningStore {
  const { reasoning_back: back, tool_signature: toolSignature } = rules.quirks
  const carriesText = back !== 'none' && rules.thinking !== 'shown'
  let text = ''
  let details: unknown[] = []
  let toolSignatures: Record<string, string> = {}
  return {
    wantsReasoning: back !== 'none',
    addText(piece) {
      if (carriesText) text += piece
    },
    addDetails(pieces) {
      if (back === 'reasoning_details') for (const piece of pieces) details.push(piece)
    },
    addToolSignature(toolUseId, signature) {
      if (toolSignature === 'google') toolSignatures[toolUseId] = signature
    },
    isWaiting() {
      return details.length > 0 || Object.keys(toolSignatures).length > 0
    },
    take() {
      const signature = encodeThinkingSignature({
        provider: rules.provider,
        model: rules.upstreamModel,
        // Details hold the text already.
        ...(text !== '' && details.length === 0 && { text }),
        ...(details.length > 0 && { details: mergeReasoningDetails(details) }),
        ...(Object.keys(toolSignatures).length > 0 && { toolSignatures }),
      })
      text = ''
      details = []
      toolSignatures = {}
      return signature
    },
  }
}
