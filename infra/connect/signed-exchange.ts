import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { text } from 'node:stream/consumers'
import { GatewayError } from '../../lambda/errors.ts'
import type { CredentialSource, Credentials } from './aws-credentials.ts'
import type { NameIdentity } from './caller-identity.ts'
import { type AwsRefusal, isExpired, toRefusalError } from './refused-by-aws.ts'
import { signingHeaders } from './sign-request.ts'

/** The gateway to sign for. */
export interface SignedGateway {
  readonly url: URL
  readonly region: string
  readonly profile?: string
  readonly credentials: CredentialSource
  readonly nameIdentity: NameIdentity
}

export interface OutgoingRequest {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body: Uint8Array
  readonly signal: AbortSignal
}

/** Sends a signed request; resolves with the gateway's answer as soon as its headers are there. */
export type SignedExchange = (request: OutgoingRequest) => Promise<IncomingMessage>

/**
 * Signs with fresh credentials, and once more with renewed ones when AWS calls them expired.
 * @param environment for HTTPS_PROXY and NO_PROXY.
 * @throws GatewayError when there are no credentials, when AWS refuses, or when the gateway cannot be reached.
 */
export function createSignedExchange(
  gateway: SignedGateway,
  environment: Readonly<Record<string, string | undefined>>,
): SignedExchange {
  const options = { keepAlive: true, proxyEnv: { ...environment } }
  const agent = gateway.url.protocol === 'http:' ? new HttpAgent(options) : new HttpsAgent(options)

  return async (request) => {
    let credentials = await gateway.credentials.get()
    let answer = await send(request, credentials)
    let refusal = await readRefusal(answer)
    if (refusal && isExpired(refusal)) {
      credentials = await gateway.credentials.renew()
      answer = await send(request, credentials)
      refusal = await readRefusal(answer)
    }
    if (!refusal) return answer
    const arn = refusal.status === 403 ? await gateway.nameIdentity(credentials) : undefined
    throw toRefusalError(refusal, { ...gateway, arn })
  }

  async function send(request: OutgoingRequest, credentials: Credentials): Promise<IncomingMessage> {
    const { method, url, body, signal } = request
    const signed = await signingHeaders({
      method,
      url,
      body,
      service: 'lambda',
      region: gateway.region,
      credentials,
    })
    const headers = { ...request.headers, ...signed, 'content-length': String(body.byteLength) }
    try {
      return await exchange(url, { method, headers, agent, signal }, body)
    } catch (cause) {
      if (signal.aborted) throw cause
      const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : ''
      throw new GatewayError(
        'upstream',
        `The gateway at ${url.host} could not be reached${code}. Check the network, and the URL with --url.`,
        { cause },
      )
    }
  }
}

interface ExchangeOptions {
  readonly method: string
  readonly headers: Record<string, string | string[]>
  readonly agent: HttpAgent
  readonly signal: AbortSignal
}

/** Once more on a new connection when a kept one turns out to have been closed before it carried anything. */
async function exchange(url: URL, options: ExchangeOptions, body: Uint8Array): Promise<IncomingMessage> {
  const send = url.protocol === 'http:' ? httpRequest : httpsRequest
  for (;;) {
    const request = send(url, options)
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      request.once('response', resolve)
      request.on('error', reject)
    })
    request.end(body)
    try {
      return await answered
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      // A long body may be on its way already when the other side's end is noticed.
      const stale = request.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE')
      if (!stale || options.signal.aborted) throw error
    }
  }
}

/** AWS's own answer, or nothing when the answer is the gateway's. */
async function readRefusal(answer: IncomingMessage): Promise<AwsRefusal | undefined> {
  const status = answer.statusCode ?? 0
  if (status < 400 || answer.headers['request-id'] !== undefined) return undefined
  const errorType = answer.headers['x-amzn-errortype']
  return { status, errorType: [errorType].flat().join(' '), body: (await text(answer)).slice(0, 4096) }
}
