import type { IncomingMessage } from 'node:http'

/** How long a finished answer may take to close its framing before its socket is given up for reuse. */
const LINGER_MILLISECONDS = 1000

export interface BodyOptions {
  /** Longest wait for the first bytes, and for each later read. Only time spent waiting counts. */
  readonly firstWaitMilliseconds: number
  readonly idleMilliseconds: number
  /** The error for a wait that was too long. */
  readonly idleError: () => Error
  /** Makes an error that may go out of what the socket or the parser threw. */
  readonly toError: (thrown: unknown) => unknown
  /** Called once, when nothing more will come or is wanted. */
  readonly onOver: () => void
}

interface Waiting {
  readonly resolve: (result: IteratorResult<Uint8Array>) => void
  readonly reject: (error: unknown) => void
}

/**
 * The bytes of an answer: everything that has arrived, at each read. Nothing is read ahead of the consumer beyond the
 * socket's own buffer, so a stalled consumer stalls the provider. One consumer; iterate once.
 */
export class ResponseBody implements AsyncIterableIterator<Uint8Array> {
  readonly #message: IncomingMessage
  readonly #options: BodyOptions
  #failure: unknown
  #state: 'open' | 'released' | 'ended' | 'failed' = 'open'
  #seenBytes = false
  #over = false
  #waiting: Waiting | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(message: IncomingMessage, options: BodyOptions) {
    this.#message = message
    this.#options = options
    message.on('readable', () => this.#settle())
    message.on('end', () => this.#finish('ended'))
    message.on('error', (error) => this.#finish('failed', error))
    message.on('close', () => this.#finish(message.readableEnded ? 'ended' : 'failed', message.errored))
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<Uint8Array>>()
    this.#waiting = { resolve, reject }
    if (!this.#settle()) this.#startTimer()
    return promise
  }

  /** Closes the connection: the rest of the answer is not wanted. */
  async return(): Promise<IteratorResult<Uint8Array>> {
    if (this.#state === 'open') this.destroy()
    this.#state = 'ended'
    this.#settle()
    return { done: true, value: undefined }
  }

  /** Ends the reading with this error, at once. Without one it is a quiet end. */
  destroy(error?: Error): void {
    this.#message.destroy(error)
    this.#finish(error === undefined ? 'ended' : 'failed', error)
  }

  /** The answer said that it is complete. What is left of its framing is read away, so that the socket serves again. */
  release(): void {
    if (this.#state !== 'open') return
    this.#finish('released')
    const timer = setTimeout(() => this.#message.destroy(), LINGER_MILLISECONDS)
    timer.unref()
    this.#message.once('close', () => clearTimeout(timer))
    this.#message.read()
  }

  /** Hands what there is to who waits. False: they go on waiting. */
  #settle(): boolean {
    if (this.#state === 'released') this.#message.read()
    if (!this.#waiting) return true
    // What arrived before a connection broke is still good.
    const bytes: Uint8Array | null =
      this.#state === 'open' || this.#state === 'failed' ? this.#message.read() : null
    if (bytes !== null) {
      this.#seenBytes = true
      this.#answer(({ resolve }) => resolve({ done: false, value: bytes }))
    } else if (this.#state === 'failed') {
      const error = this.#options.toError(this.#failure)
      this.#answer(({ reject }) => reject(error))
    } else if (this.#state === 'open') {
      return false
    } else {
      this.#answer(({ resolve }) => resolve({ done: true, value: undefined }))
    }
    return true
  }

  #answer(settle: (waiting: Waiting) => void): void {
    clearTimeout(this.#timer)
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting) settle(waiting)
  }

  #startTimer(): void {
    const { firstWaitMilliseconds, idleMilliseconds, idleError } = this.#options
    this.#timer = setTimeout(
      () => this.destroy(idleError()),
      this.#seenBytes ? idleMilliseconds : Math.max(firstWaitMilliseconds, idleMilliseconds),
    )
  }

  /** The first end counts: what a destroyed socket says afterwards does not. */
  #finish(state: 'released' | 'ended' | 'failed', failure?: unknown): void {
    if (this.#state === 'open') {
      this.#state = state
      this.#failure = failure
    }
    clearTimeout(this.#timer)
    this.#settle()
    if (this.#over) return
    this.#over = true
    this.#options.onOver()
  }
}
