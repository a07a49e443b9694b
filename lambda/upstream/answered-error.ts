import { UpstreamError } from '../errors.ts'
import type { OpenedAnswer } from './exchange.ts'

type BytesAnswer = Extract<OpenedAnswer, { kind: 'bytes' }>

/**
 * A passthrough provider's error that is itself an answer for the caller. It is retried and falls back like any other;
 * when nothing better comes, its own bytes go out.
 */
export class AnsweredError extends UpstreamError {
  readonly answer: BytesAnswer

  constructor(error: UpstreamError, answer: BytesAnswer) {
    super(error.kind, error.message, {
      provider: error.provider,
      status: error.status,
      retryable: error.retryable,
      curable: error.curable,
      ...(error.upstreamStatus === undefined ? {} : { upstreamStatus: error.upstreamStatus }),
      ...(error.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: error.retryAfterSeconds }),
      ...(error.shouldRetry === undefined ? {} : { shouldRetry: error.shouldRetry }),
      cause: error,
    })
    this.answer = answer
  }
}
