import type { CountTokensRequest } from '../anthropic/messages-request.ts'

export function estimateInputTokens(request: CountTokensRequest, ratio = 1): number {
  return Math.ceil((JSON.stringify(request).length / 4) * ratio)
}
