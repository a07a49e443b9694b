import type { WireEvent } from '../anthropic/message-event.ts'

const PING: readonly WireEvent[] = [{ type: 'ping' }]

/**
 * The same batches, with a ping after that much silence, as often as it lasts. The client gives up after 300 s
 * without a byte (Claude Code 2.1, 2026-11). `return()` never waits for a provider that is silent: a generator's would
 * stand in the queue behind its own pending `next()`. Stopping the provider is the AbortSignal's work.
 */
export function withPing(
  batches: AsyncIterable<readonly WireEvent[]>,
  milliseconds: number,
): AsyncIterable<readonly WireEvent[]> {
  return { [Symbol.asyncIterator]: () => new PingingIterator(batches[Symbol.asyncIterator](), milliseconds) }
}

type Result = IteratorResult<readonly WireEvent[]>

const OVER: Result = { done: true, value: undefined }

class PingingIterator implements AsyncIterator<readonly WireEvent[]> {
  readonly #batches: AsyncIterator<readonly WireEvent[]>
  readonly #milliseconds: number
  /** The batch that is on its way: it outlives the pings. */
  #coming: Promise<Result> | undefined
  #endWait: (() => void) | undefined
  #returned = false

  constructor(batches: AsyncIterator<readonly WireEvent[]>, milliseconds: number) {
    this.#batches = batches
    this.#milliseconds = milliseconds
  }

  next(): Promise<Result> {
    if (this.#returned) return Promise.resolve(OVER)
    const coming = this.#coming ?? this.#batches.next()
    this.#coming = coming
    return new Promise((resolve, reject) => {
      let waiting = true
      // Whoever comes first answers. A batch that comes after the ping stays in `#coming` for the next call.
      const answer = (settle: () => void) => {
        if (!waiting) return
        waiting = false
        clearTimeout(timer)
        settle()
      }
      const timer = setTimeout(() => answer(() => resolve({ done: false, value: PING })), this.#milliseconds)
      this.#endWait = () => answer(() => resolve(OVER))
      coming.then(
        (result) =>
          answer(() => {
            this.#coming = undefined
            resolve(result)
          }),
        (thrown) => answer(() => reject(thrown)),
      )
    })
  }

  return(): Promise<Result> {
    this.#returned = true
    this.#endWait?.()
    // Not awaited, see above. What it throws is about a stream that nobody reads any more.
    this.#batches.return?.()?.catch(() => {})
    return Promise.resolve(OVER)
  }
}
