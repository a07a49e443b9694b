import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { Gateway } from '../../lambda/gateway.ts'
import { newId } from '../../lambda/new-id.ts'
import { writeBody } from '../../lambda/write-body.ts'
import { ALICE, type AwsIdentity, MALLORY } from './aws-identity.ts'
import type { SignedIdentity } from './lambda-front/function-url-event.ts'
import type { SignedRequest } from './lambda-front/lambda-front.ts'
import { closeServer, openOnLoopback } from './loopback.ts'
import { readSignatureHeader, recomputeSignature, sha256Hex } from './signature-version-4.ts'

/** A request whose signature was good, as the function behind the URL would get it. */
export interface AcceptedRequest {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly identity: AwsIdentity
}

export type FrontHandler = (request: AcceptedRequest, response: ServerResponse) => void | Promise<void>

export interface FrontOptions {
  readonly handler?: FrontHandler
  /** Default: eu-central-1. */
  readonly region?: string
  /** Who may call. Default: everybody but MALLORY, who has credentials and no permission. */
  readonly allows?: (identity: AwsIdentity) => boolean
}

/** Of the function's event: body, escaped or in base64. */
const LIMIT_BYTES = 6 * 1024 * 1024

/** As AWS words them (seen in public issues, 2026-11). */
const REFUSALS = {
  forbidden: ['AccessDeniedException', 'Forbidden'],
  unknown: ['UnrecognizedClientException', 'The security token included in the request is invalid.'],
  expired: ['ExpiredTokenException', 'The security token included in the request is expired'],
  service: ['InvalidSignatureException', "Credential should be scoped to correct service: 'lambda'."],
  region: ['InvalidSignatureException', 'Credential should be scoped to a valid region.'],
  date: ['InvalidSignatureException', 'Signature expired: the date is more than five minutes off.'],
  signature: [
    'InvalidSignatureException',
    'The request signature we calculated does not match the signature you provided.',
  ],
} as const

type Refusal = keyof typeof REFUSALS

/**
 * A Function URL with AWS_IAM on loopback. It verifies Signature Version 4 with its own code (see
 * `signature-version-4.ts`), refuses as AWS does, and hands the rest to a handler together with who signed.
 */
export class SignatureCheckingFront {
  readonly accepted: AcceptedRequest[] = []
  readonly refused: Refusal[] = []
  /** Who has credentials. Mutable: credentials come and go. */
  readonly identities = new Set<AwsIdentity>([ALICE, MALLORY])
  /** Access keys whose session is over. */
  readonly expired = new Set<string>()
  url = ''
  readonly #server: Server
  readonly #options: FrontOptions

  constructor(options: FrontOptions) {
    this.#options = options
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy())
    })
  }

  static async start(options: FrontOptions = {}): Promise<SignatureCheckingFront> {
    const front = new SignatureCheckingFront(options)
    front.url = await openOnLoopback(front.#server)
    return front
  }

  async close(): Promise<void> {
    await closeServer(this.#server)
  }

  /** The same check for a function URL that another front plays (`LambdaFrontOptions.iam`). */
  identify({ method, path: target, headers, body }: SignedRequest): SignedIdentity | undefined {
    const [path = '/', query = ''] = target.split('?')
    const verdict = this.#verify({ method, path, query, headers: joined({ headers }), body })
    if (typeof verdict !== 'string') return toSignedIdentity(verdict)
    this.refused.push(verdict)
    return undefined
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request)
    const [path = '/', query = ''] = (request.url ?? '/').split('?')
    const headers = joined(request)
    const verdict = this.#verify({ method: request.method ?? '', path, query, headers, body })
    if (typeof verdict === 'string') {
      this.refused.push(verdict)
      const [type, message] = REFUSALS[verdict]
      response
        .writeHead(403, { 'content-type': 'application/json', 'x-amzn-errortype': type })
        .end(JSON.stringify({ Message: message }))
      return
    }
    if (eventBytes(headers, body) > LIMIT_BYTES) {
      response
        .writeHead(413, { 'content-type': 'application/json' })
        .end('{"Message":"Request must be smaller"}')
      return
    }
    const accepted = {
      method: request.method ?? '',
      path,
      query,
      headers,
      // For JSON the event holds text: bytes that are none are lost, which is what the connector has to avoid.
      body: isText(headers) ? Buffer.from(body.toString('utf8')) : body,
      identity: verdict,
    }
    this.accepted.push(accepted)
    await (this.#options.handler ?? answerWithIdentity)(accepted, response)
  }

  #verify(request: Omit<AcceptedRequest, 'identity'>): AwsIdentity | Refusal {
    const { headers } = request
    const signed = readSignatureHeader(headers['authorization'])
    if (!signed) return 'forbidden'
    const identity = [...this.identities].find((one) => one.accessKeyId === signed.accessKeyId)
    if (!identity || headers['x-amz-security-token'] !== identity.sessionToken) return 'unknown'
    if (this.expired.has(identity.accessKeyId)) return 'expired'
    if (signed.service !== 'lambda') return 'service'
    if (signed.region !== (this.#options.region ?? 'eu-central-1')) return 'region'
    const date = headers['x-amz-date'] ?? ''
    if (signed.day !== date.slice(0, 8) || Math.abs(toTime(date) - Date.now()) > 5 * 60_000) return 'date'
    const payloadHash = headers['x-amz-content-sha256'] ?? ''
    const complete = signed.signedHeaders.includes('host') && signed.signedHeaders.includes('x-amz-date')
    if (!complete || payloadHash !== sha256Hex(request.body)) return 'signature'
    const expected = recomputeSignature({
      ...request,
      ...signed,
      payloadHash,
      date,
      secretAccessKey: identity.secretAccessKey,
    })
    if (expected !== signed.signature) return 'signature'
    return (this.#options.allows ?? ((one) => one !== MALLORY))(identity) ? identity : 'forbidden'
  }
}

/** A gateway behind the front, as the function's handler puts it there. */
export function gatewayHandler(gateway: Gateway): FrontHandler {
  return async ({ method, path, query, headers, body, identity }, response) => {
    const left = new AbortController()
    const answer = await gateway({
      id: newId('req'),
      method,
      path,
      query: new URLSearchParams(query),
      headers,
      body,
      signal: left.signal,
      iam: toSignedIdentity(identity),
    })
    response.writeHead(answer.status, { ...answer.headers })
    await writeBody(answer.body, response, left.signal)
    response.end()
  }
}

function toSignedIdentity(identity: AwsIdentity): SignedIdentity {
  return {
    accountId: identity.account,
    userArn: identity.arn,
    userId: identity.userId,
    ...(identity.organization === undefined ? {} : { principalOrgId: identity.organization }),
  }
}

const answerWithIdentity: FrontHandler = ({ identity }, response) => {
  response
    .writeHead(200, { 'content-type': 'application/json', 'request-id': newId('req') })
    .end(JSON.stringify({ type: 'caller', id: identity.arn }))
}

function joined({ headers }: Pick<IncomingMessage, 'headers'>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]))
}

function isText(headers: Readonly<Record<string, string>>): boolean {
  return /^(text\/|application\/(json|javascript|xml))/.test(headers['content-type'] ?? '')
}

function eventBytes(headers: Readonly<Record<string, string>>, body: Buffer): number {
  return isText(headers) ? Buffer.byteLength(JSON.stringify(body.toString('utf8'))) : (body.length * 4) / 3
}

function toTime(date: string): number {
  return Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
}
