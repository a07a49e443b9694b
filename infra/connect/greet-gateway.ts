import { json } from 'node:stream/consumers'
import { CommandError } from '../cli/command.ts'
import { toSignableUrl } from './sign-request.ts'
import type { SignedExchange } from './signed-exchange.ts'

const TIMEOUT_MILLISECONDS = 30_000

/**
 * Asks the gateway who it thinks we are, before any client is started: missing credentials and missing permission
 * show at once and in one line, and a sleeping function is awake by the time the first turn comes.
 * @returns the caller's id.
 */
export async function greetGateway(gateway: URL, exchange: SignedExchange): Promise<string> {
  try {
    const answer = await exchange({
      method: 'GET',
      url: toSignableUrl(gateway, '/v1/whoami'),
      headers: {},
      body: new Uint8Array(),
      signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
    })
    const body: unknown = await json(answer)
    if (answer.statusCode === 200 && isCaller(body)) return body.id
    throw new Error(
      isErrorEnvelope(body)
        ? `The gateway answers: ${body.error.message}`
        : `${gateway.host} does not answer like a gateway (GET /v1/whoami: ${answer.statusCode}). Check --url.`,
    )
  } catch (cause) {
    throw new CommandError(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

function isCaller(body: unknown): body is { id: string } {
  return typeof body === 'object' && body !== null && 'id' in body && typeof body.id === 'string'
}

/** As a gateway in bearer mode answers, where `connect` is not needed. */
function isErrorEnvelope(body: unknown): body is { error: { message: string } } {
  if (typeof body !== 'object' || body === null || !('error' in body)) return false
  const { error } = body
  return (
    typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string'
  )
}
