import assert from 'node:assert/strict'
import { GatewayError } from '../../lambda/errors.ts'
import type { GatewayRequest, IamIdentity } from '../../lambda/http.ts'

/** A request as the adapters hand it over, with nothing in it but what access looks at. */
export function requestWith(headers: Record<string, string>, iam?: IamIdentity): GatewayRequest {
  return {
    id: 'req_test',
    method: 'POST',
    path: '/v1/messages',
    query: new URLSearchParams(),
    headers,
    body: new Uint8Array(),
    signal: new AbortController().signal,
    iam,
  }
}

export function bearer(token: string): GatewayRequest {
  return requestWith({ authorization: `Bearer ${token}` })
}

/** The error that kept somebody out. */
export async function refused(promise: Promise<unknown>): Promise<GatewayError> {
  const error = await promise.then(
    (value) => assert.fail(`let in: ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof GatewayError, String(error))
  return error
}
