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
  /** Answers who waits now. Whoever comes first takes it: the batch, the ping or the end. */
  #answer: ((result: Result) => void) | undefined
  /** One for all waits: it is wound up again at each, and does nothing when it finds nobody waiting. */
  #timer: NodeJS.Timeout | undefined
  #returned = false

  constructor(batches: AsyncIterator<readonly WireEvent[]>, milliseconds: number) {
    this.#batches = batches
    this.#milliseconds = milliseconds
  }

  next(): Promise<Result> {
    if (this.#returned) return Promise.resolve(OVER)
    const { promise, resolve, reject } = Promise.withResolvers<Result>()
    this.#answer = resolve
    if (this.#timer) this.#timer.refresh()
    else this.#timer = setTimeout(() => this.#give({ done: false, value: PING }), this.#milliseconds)
    this.#coming ??= this.#batches.next()
    this.#coming.then(
      (result) => {
        // A batch that comes after the ping stays in `#coming` for the next call.
        if (this.#answer !== resolve) return
        this.#coming = undefined
        if (result.done) clearTimeout(this.#timer)
        this.#give(result)
      },
      (thrown) => {
        if (this.#answer !== resolve) return
        this.#answer = undefined
        clearTimeout(this.#timer)
        reject(thrown)
      },
    )
    return promise
  }

  return(): Promise<Result> {
    this.#returned = true
    clearTimeout(this.#timer)
    this.#give(OVER)
    // Not awaited, see above. What it throws is about a stream that nobody reads any more.
    this.#batches.return?.()?.catch(() => {})
    return Promise.resolve(OVER)
  }

  #give(result: Result): void {
    const answer = this.#answer
    this.#answer = undefined
    answer?.(result)
  }
}
