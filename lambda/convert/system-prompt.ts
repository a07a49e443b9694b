import type { MessagesRequest } from '../anthropic/messages-request.ts'
import type { ChatContentPart } from '../openai/chat-request.ts'
import { readBlocks } from './block-fields.ts'
import { textParts, toContentParts } from './content-parts.ts'
import type { ConversionScope } from './conversion-scope.ts'

/**
 * Claude Code's first system block. It changes with every request, so a provider's prompt cache would never hit
 * (2.1.329; llama.cpp#20623, vllm#36829, 2026).
 */
const BILLING_LINE = /^x-anthropic-billing-header:[^\n]*\n?/

/** The system prompt, with the texts that we add at its end (they stay the same from turn to turn). */
export function toSystemParts(
  request: MessagesRequest,
  added: { readonly first: readonly string[]; readonly last: readonly string[] },
  scope: ConversionScope,
): ChatContentPart[] {
  const blocks = readBlocks(request, 'system').map((block, index) =>
    index === 0 && typeof block['text'] === 'string'
      ? { ...block, text: block['text'].replace(BILLING_LINE, '') }
      : block,
  )
  return [
    ...added.first.flatMap(textParts),
    ...toContentParts(blocks, 'system', scope.target.quirks),
    ...added.last.flatMap(textParts),
  ]
}
