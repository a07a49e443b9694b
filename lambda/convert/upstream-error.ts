import { UpstreamError } from '../errors.ts'

export interface ErrorTarget {
  readonly provider: string
  readonly model: string
  readonly contextWindow?: number
}

export function chunkError(
  chunk: Readonly<Record<string, unknown>>,
  target: ErrorTarget,
): UpstreamError | undefined {
  const error = chunk['error']
  if (error === undefined || error === null) return undefined
  return new UpstreamError('upstream', 'The provider failed.', {
    provider: target.provider,
    retryable: true,
    curable: true,
  })
}
