import { GatewayError } from '../errors.ts'

/** A 401: the caller could not prove who they are. Neither the message nor the cause may hold the token. */
export function refusal(reason: string, cause?: unknown): GatewayError {
  return new GatewayError('authentication', reason, { cause })
}
