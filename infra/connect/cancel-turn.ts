import { randomUUID } from 'node:crypto'
import { json } from 'node:stream/consumers'
import { toSignableUrl } from './sign-request.ts'
import type { SignedExchange } from './signed-exchange.ts'

/** The header by which the gateway knows a turn when it is to be ended. */
const TURN_HEADER = 'x-messages-lambda-turn'

/**
 * Tells the gateway that a caller has left: a function behind a Function URL cannot see it, and the provider's tokens
 * would go on costing. A gateway that does not watch for this says so, and is not told again.
 */
export class TurnCanceller {
  readonly #base: URL
  readonly #exchange: SignedExchange
  #watched = true

  constructor(base: URL, exchange: SignedExchange) {
    this.#base = base
    this.#exchange = exchange
  }

  /** The headers that name a new turn. */
  nameTurn(): Record<string, string> {
    return this.#watched ? { [TURN_HEADER]: randomUUID() } : {}
  }

  /** Best effort: nobody waits for it, and a turn that was not ended ends by itself. */
  async callerLeft(headers: Readonly<Record<string, string>>): Promise<void> {
    const turn = headers[TURN_HEADER]
    if (turn === undefined || !this.#watched) return
    try {
      const answer = await this.#exchange({
        method: 'DELETE',
        url: toSignableUrl(this.#base, `/v1/turns/${turn}`),
        headers: {},
        body: new Uint8Array(),
        signal: AbortSignal.timeout(10_000),
      })
      const body: unknown = await json(answer)
      this.#watched =
        typeof body === 'object' && body !== null && 'cancelled' in body && body.cancelled === true
    } catch {
      // Not told, for whatever reason: the turn runs to its end, as it does without this class.
    }
  }
}
