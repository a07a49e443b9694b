import type { Caller } from './access/caller.ts'
import type { MessagesRequest } from './anthropic/messages-request.ts'
import type { GatewayRequest } from './http.ts'

/**
 * Ends turns whose caller has left, where the carrier cannot tell (Lambda, docs/decisions): a turn that the same
 * session has asked again, or that its caller cancelled.
 */
export interface Turns {
  /** Notes a turn. Its `signal` also follows `life`, and is aborted when the turn is superseded or cancelled. */
  begin(caller: Caller, request: GatewayRequest, asked: MessagesRequest, life: AbortSignal): RunningTurn
  /** Ends the caller's own turn of that name (`x-messages-lambda-turn` of its request). */
  cancel(caller: Caller, turn: string): Promise<void>
}

export interface RunningTurn {
  readonly signal: AbortSignal
  /** Stops watching. */
  end(): void
}
