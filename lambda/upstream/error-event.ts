import type { WireEvent } from '../anthropic/message-event.ts'
import { type GatewayError, toErrorEnvelope } from '../errors.ts'

type Result = IteratorResult<readonly WireEvent[]>

const OVER: Result = { done: true, value: undefined }

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
      const fail = (thrown: unknown): Result => {
        failed = true
        return { done: false, value: [toErrorEnvelope(report(thrown), requestId)] }
      }
      return {
        next: () => (failed ? Promise.resolve(OVER) : iterator.next().catch(fail)),
        async return(): Promise<Result> {
          await iterator.return?.()
          return OVER
        },
      }
    },
  }
}
