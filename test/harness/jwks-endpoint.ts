import { generateKeyPairSync, type JsonWebKey, type KeyObject, sign } from 'node:crypto'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { closeServer, openOnLoopback } from './loopback.ts'

export const ISSUER = 'https://a1b2c3d4-0000-4000-8000-example00001.tokens.sts.global.api.aws'

/** A signing key of the issuer. */
export interface SigningKey {
  readonly id: string
  readonly algorithm: 'RS256' | 'ES384'
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

export function createSigningKey(id: string, algorithm: SigningKey['algorithm']): SigningKey {
  const pair =
    algorithm === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'secp384r1' })
  return { id, algorithm, ...pair }
}

/** Claims as AWS documents them for GetWebIdentityToken. */
export function webIdentityClaims(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000)
  return {
    iss: ISSUER,
    aud: 'messages-lambda',
    sub: 'arn:aws:iam::111122223333:role/DeployRole',
    iat: now,
    exp: now + 900,
    jti: 'example',
    'https://sts.amazonaws.com/': {
      aws_account: '111122223333',
      source_region: 'eu-central-1',
      org_id: 'o-example1234',
    },
    ...changes,
  }
}

export function webIdentityToken(
  key: SigningKey,
  claims: Record<string, unknown> = webIdentityClaims(),
  header: Record<string, unknown> = {},
): string {
  const signed = [{ alg: key.algorithm, kid: key.id, typ: 'JWT', ...header }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  const signature =
    key.algorithm === 'RS256'
      ? sign('sha256', Buffer.from(signed), key.privateKey)
      : sign('sha384', Buffer.from(signed), { key: key.privateKey, dsaEncoding: 'ieee-p1363' })
  return `${signed}.${signature.toString('base64url')}`
}

/** The issuer's key set on loopback. `keys` may change at any time; `behaviour` replaces the answer. */
export class JwksEndpoint {
  /** `Host` and path of every request. */
  readonly calls: string[] = []
  keys: SigningKey[]
  behaviour: ((response: ServerResponse) => void) | undefined
  url = ''
  readonly #server: Server

  constructor(keys: SigningKey[]) {
    this.keys = keys
    this.#server = createServer((request, response) => {
      this.calls.push(`${request.headers.host}${request.url}`)
      if (this.behaviour) this.behaviour(response)
      else
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ keys: this.#webKeys() }))
    })
  }

  /** To be given to a verifier: sends every URL here. */
  readonly endpoint = (url: URL): URL => new URL(`${this.url}${url.pathname}${url.search}`)

  #webKeys(): JsonWebKey[] {
    return this.keys.map((key) => ({ ...key.publicKey.export({ format: 'jwk' }), kid: key.id, use: 'sig' }))
  }

  static async start(keys: SigningKey[]): Promise<JwksEndpoint> {
    const endpoint = new JwksEndpoint(keys)
    endpoint.url = await openOnLoopback(endpoint.#server)
    return endpoint
  }

  async close(): Promise<void> {
    await closeServer(this.#server)
  }
}
