import { createHash, createHmac } from 'node:crypto'

/**
 * The server's half of AWS Signature Version 4, written from AWS's description of it and not from the library that
 * the project signs with, so that the two check each other.
 */
export interface SignedRequest {
  readonly method: string
  /** As sent, without the query. */
  readonly path: string
  /** As sent, without the question mark. */
  readonly query: string
  readonly headers: Readonly<Record<string, string | undefined>>
  /** In the order of the signature. */
  readonly signedHeaders: readonly string[]
  readonly payloadHash: string
  /** `YYYYMMDDTHHMMSSZ`. */
  readonly date: string
  readonly region: string
  readonly service: string
  readonly secretAccessKey: string
}

export function recomputeSignature(request: SignedRequest): string {
  const scope = `${request.date.slice(0, 8)}/${request.region}/${request.service}/aws4_request`
  const canonical = [
    request.method,
    request.path.split('/').map(encode).join('/'),
    canonicalQuery(request.query),
    ...request.signedHeaders.map(
      (name) => `${name}:${(request.headers[name] ?? '').trim().replace(/ +/g, ' ')}`,
    ),
    '',
    request.signedHeaders.join(';'),
    request.payloadHash,
  ].join('\n')
  const stringToSign = ['AWS4-HMAC-SHA256', request.date, scope, sha256Hex(canonical)].join('\n')
  const key = scope
    .split('/')
    .reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${request.secretAccessKey}`)
  return hmac(key, stringToSign).toString('hex')
}

export function sha256Hex(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}

/** The parameters of a query as sent, percent-decoded, in their order. */
export function queryParameters(query: string): [name: string, value: string][] {
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', ...value] = pair.split('=')
      return [decodeURIComponent(name), decodeURIComponent(value.join('='))]
    })
}

/** Sorted by name and then by value, both encoded: not as `name=value`, where the sign between them would count. */
function canonicalQuery(query: string): string {
  return queryParameters(query)
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]): [string, string] => [encode(name), encode(value)])
    .sort(([nameA, valueA], [nameB, valueB]) => compare(nameA, nameB) || compare(valueA, valueB))
    .map((pair) => pair.join('='))
    .join('&')
}

function compare(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}

/** RFC 3986: only unreserved characters stay. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest()
}

/** What an `authorization` header of Signature Version 4 says. */
export interface SignatureHeader {
  readonly accessKeyId: string
  readonly day: string
  readonly region: string
  readonly service: string
  readonly signedHeaders: readonly string[]
  readonly signature: string
}

export function readSignatureHeader(authorization: string | undefined): SignatureHeader | undefined {
  const [, credential = '', signed = '', signature = ''] =
    /^AWS4-HMAC-SHA256 Credential=([^,\s]+), ?SignedHeaders=([^,\s]+), ?Signature=([0-9a-f]{64})$/.exec(
      authorization ?? '',
    ) ?? []
  const [accessKeyId, day, region, service, end] = credential.split('/')
  if (!accessKeyId || !day || !region || !service || end !== 'aws4_request') return undefined
  return { accessKeyId, day, region, service, signedHeaders: signed.split(';'), signature }
}
