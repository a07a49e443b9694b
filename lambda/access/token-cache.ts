import { createHash } from 'node:crypto'

/** What became of a token, and until when (milliseconds since 1970) that holds. */
interface Remembered<T> {
  readonly outcome: { readonly value: T } | { readonly error: Error }
  readonly until: number
}

export interface Verdict<T> {
  readonly value: T
  readonly until: number
}

export interface TokenCacheOptions {
  readonly now: () => number
  /** How many tokens are remembered; the oldest goes first. */
  readonly maximumEntries?: number
  /** How long a refusal is remembered. */
  readonly refusalMilliseconds?: number
  /** Whether an error is the token's own fault. Trouble on the way is not, and is never remembered. */
  readonly isRefusal: (error: unknown) => error is Error
}

/**
 * Remembers what verifying a token led to, so that each token is verified once: by its SHA-256, never by itself, so
 * that a memory dump holds no token. All who ask for one token at the same time share one verification.
 */
export class TokenCache<T> {
  readonly #options: TokenCacheOptions
  readonly #remembered = new Map<string, Remembered<T>>()
  readonly #running = new Map<string, Promise<T>>()

  constructor(options: TokenCacheOptions) {
    this.#options = options
  }

  get(token: string, verify: () => Promise<Verdict<T>>): Promise<T> {
    const digest = createHash('sha256').update(token).digest('base64')
    const known = this.#recall(digest)
    if (known) return 'error' in known ? Promise.reject(known.error) : Promise.resolve(known.value)
    const running = this.#running.get(digest)
    if (running) return running
    const started = this.#verify(digest, verify).finally(() => this.#running.delete(digest))
    this.#running.set(digest, started)
    return started
  }

  async #verify(digest: string, verify: () => Promise<Verdict<T>>): Promise<T> {
    try {
      const { value, until } = await verify()
      this.#remember(digest, { outcome: { value }, until })
      return value
    } catch (error) {
      if (this.#options.isRefusal(error)) {
        const until = this.#options.now() + (this.#options.refusalMilliseconds ?? 60_000)
        this.#remember(digest, { outcome: { error }, until })
      }
      throw error
    }
  }

  #recall(digest: string): Remembered<T>['outcome'] | undefined {
    const known = this.#remembered.get(digest)
    if (!known) return undefined
    if (this.#options.now() < known.until) return known.outcome
    this.#remembered.delete(digest)
    return undefined
  }

  #remember(digest: string, entry: Remembered<T>): void {
    this.#remembered.set(digest, entry)
    const [oldest] = this.#remembered.keys()
    if (this.#remembered.size > (this.#options.maximumEntries ?? 1000) && oldest !== undefined) {
      this.#remembered.delete(oldest)
    }
  }
}
