import type { WireEvent } from '../anthropic/message-event.ts'
import { type GatewayError, toErrorEnvelope } from '../errors.ts'

type Result = IteratorResult<readonly WireEvent[]>

/**
 * The same batches; an error that is thrown becomes one `error` event as the last batch. The open block stays open and
 * no `message_stop` follows, so that the client cannot take the message for a whole one. `report` tells the log and
 * says what may go out.
 */
export function withErrorEvent(
  batches: AsyncIterable<readonly WireEvent[]>,
  requestId: string,
  report: (thrown: unknown) => GatewayError,
): AsyncIterable<readonly WireEvent[]> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = batches[Symbol.asyncIterator]()
      let failed = false
      return {
        async next(): Promise<Result> {
          if (failed) return { done: true, value: undefined }
          try {
            return await iterator.next()
          } catch (thrown) {
            failed = true
            return { done: false, value: [toErrorEnvelope(report(thrown), requestId)] }
          }
        },
        async return(): Promise<Result> {
          await iterator.return?.()
          return { done: true, value: undefined }
        },
      }
    },
  }
}
