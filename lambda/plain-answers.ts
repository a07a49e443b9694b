import { type GatewayError, toErrorEnvelope, toErrorHeaders } from './errors.ts'
import type { GatewayAnswer } from './http.ts'

export function jsonAnswer(value: unknown, headers: Record<string, string> = {}): GatewayAnswer {
  return {
    status: 200,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(value),
  }
}

export function emptyAnswer(): GatewayAnswer {
  return { status: 200, headers: {}, body: '' }
}

/** An error before the first byte: status, envelope, and the headers that steer the client's retries. */
export function errorAnswer(error: GatewayError, requestId: string): GatewayAnswer {
  return {
    status: error.status,
    headers: { 'content-type': 'application/json', ...toErrorHeaders(error) },
    body: JSON.stringify(toErrorEnvelope(error, requestId)),
  }
}
