import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { ALICE, type AwsIdentity, MALLORY } from './aws-identity.ts'
import { closeServer, openOnLoopback } from './loopback.ts'
import { queryParameters, readSignatureHeader, recomputeSignature, sha256Hex } from './signature-version-4.ts'

/** A request as STS got it. */
export interface StsCall {
  readonly host: string
  readonly path: string
  readonly query: string
  readonly headers: Readonly<Record<string, string | undefined>>
}

/**
 * STS on loopback: answers a presigned GetCallerIdentity after it has computed the signature itself, from the host
 * and the headers it was asked with. `behaviour` replaces its answer, for a lying, slow or broken STS.
 */
export class StsEndpoint {
  readonly calls: StsCall[] = []
  readonly identities: AwsIdentity[] = [ALICE, MALLORY]
  behaviour: ((call: StsCall, response: ServerResponse) => void) | undefined
  url = ''
  readonly #server: Server

  constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response))
  }

  /** To be given to a verifier: sends every URL here. */
  readonly endpoint = (url: URL): URL => new URL(`${this.url}${url.pathname}${url.search}`)

  static async start(): Promise<StsEndpoint> {
    const endpoint = new StsEndpoint()
    endpoint.url = await openOnLoopback(endpoint.#server)
    return endpoint
  }

  async close(): Promise<void> {
    await closeServer(this.#server)
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const [path = '', query = ''] = (request.url ?? '').split('?')
    const headers = request.headers as Record<string, string | undefined>
    const call: StsCall = { host: request.headers.host ?? '', path, query, headers }
    this.calls.push(call)
    if (this.behaviour) this.behaviour(call, response)
    else this.answerHonestly(call, response)
  }

  answerHonestly(call: StsCall, response: ServerResponse): void {
    const identity = this.identities.find((one) => isSignedBy(one, call))
    if (!identity) {
      json(response, 403, {
        Error: { Code: 'SignatureDoesNotMatch', Message: 'The signature does not match.' },
      })
      return
    }
    const { account, arn, userId } = identity
    json(response, 200, {
      GetCallerIdentityResponse: {
        GetCallerIdentityResult: { Account: account, Arn: arn, UserId: userId },
        ResponseMetadata: { RequestId: 'local' },
      },
    })
  }
}

function isSignedBy(identity: AwsIdentity, call: StsCall): boolean {
  return call.headers['authorization'] === undefined
    ? isPresignedBy(identity, call)
    : isHeaderSignedBy(identity, call)
}

function isPresignedBy(identity: AwsIdentity, { host, path, query, headers }: StsCall): boolean {
  const parameters = new Map(queryParameters(query))
  const [accessKeyId, , region = '', service = ''] = (parameters.get('X-Amz-Credential') ?? '').split('/')
  if (parameters.get('X-Amz-Security-Token') !== identity.sessionToken) return false
  if (accessKeyId !== identity.accessKeyId || service !== 'sts' || host !== `sts.${region}.amazonaws.com`) {
    return false
  }
  const signature = recomputeSignature({
    method: 'GET',
    path,
    query,
    headers,
    signedHeaders: (parameters.get('X-Amz-SignedHeaders') ?? '').split(';'),
    payloadHash: sha256Hex(''),
    date: parameters.get('X-Amz-Date') ?? '',
    region,
    service,
    secretAccessKey: identity.secretAccessKey,
  })
  return signature === parameters.get('X-Amz-Signature')
}

function isHeaderSignedBy(identity: AwsIdentity, { host, path, query, headers }: StsCall): boolean {
  const signed = readSignatureHeader(headers['authorization'])
  if (!signed || signed.accessKeyId !== identity.accessKeyId || signed.service !== 'sts') return false
  if (host !== `sts.${signed.region}.amazonaws.com`) return false
  if (headers['x-amz-security-token'] !== identity.sessionToken) return false
  const signature = recomputeSignature({
    ...signed,
    method: 'GET',
    path,
    query,
    headers,
    payloadHash: sha256Hex(''),
    date: headers['x-amz-date'] ?? '',
    secretAccessKey: identity.secretAccessKey,
  })
  return signature === signed.signature
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
