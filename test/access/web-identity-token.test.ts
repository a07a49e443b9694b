import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, afterEach, before, describe, test } from 'node:test'
import { type BearerOptions, createAuthenticate } from '../../lambda/access/authenticate.ts'
import {
  createSigningKey,
  ISSUER,
  JwksEndpoint,
  type SigningKey,
  webIdentityClaims,
  webIdentityToken,
} from '../harness/jwks-endpoint.ts'
import { bearer, refused } from './request.ts'

const ES384 = createSigningKey('EC384_0', 'ES384')
const RS256 = createSigningKey('RSA_0', 'RS256')
const STRANGER = createSigningKey('EC384_0', 'ES384')
const MINUTE = 60_000
const NAMESPACE = 'https://sts.amazonaws.com/'

let issuer: JwksEndpoint
before(async () => {
  issuer = await JwksEndpoint.start([ES384, RS256])
})
after(() => issuer.close())
afterEach(() => {
  issuer.calls.length = 0
  issuer.keys = [ES384, RS256]
  issuer.behaviour = undefined
})

function gateway(options: Partial<BearerOptions> = {}) {
  return createAuthenticate({
    mode: 'bearer',
    audience: 'messages-lambda',
    accounts: [],
    principals: [],
    regions: [],
    issuers: [ISSUER],
    endpoint: issuer.endpoint,
    ...options,
  })
}

const seconds = (offset: number) => Math.floor(Date.now() / 1000) + offset

describe('a web identity token', () => {
  for (const key of [ES384, RS256]) {
    test(`signed with ${key.algorithm} proves who the caller is, with the issuer's own keys`, async () => {
      const arn = 'arn:aws:iam::111122223333:role/DeployRole'
      const caller = await gateway()(bearer(webIdentityToken(key)))
      assert.deepEqual(caller, { id: arn, kind: 'jwt', account: '111122223333', arn })
      assert.deepEqual(issuer.calls, [`${new URL(ISSUER).host}/.well-known/jwks.json`])
    })
  }

  test('of a person from IAM Identity Center carries the person in the id, for the ARN is the role', async () => {
    const claims = webIdentityClaims({ [NAMESPACE]: { identity_store_user_id: 'user-abc123' } })
    const caller = await gateway()(bearer(webIdentityToken(ES384, claims)))
    assert.equal(caller.id, 'arn:aws:iam::111122223333:role/DeployRole#user-abc123')
    assert.equal(caller.arn, 'arn:aws:iam::111122223333:role/DeployRole')
  })

  test('may be made for several audiences', async () => {
    await gateway()(bearer(webIdentityToken(ES384, webIdentityClaims({ aud: ['other', 'messages-lambda'] }))))
  })

  test('is verified offline once the keys are known', async () => {
    const authenticate = gateway()
    for (let count = 0; count < 5; count += 1) await authenticate(bearer(webIdentityToken(ES384)))
    assert.equal(issuer.calls.length, 1)
  })

  const admissions: [
    what: string,
    options: Partial<BearerOptions>,
    claims: Record<string, unknown>,
    in_: boolean,
  ][] = [
    ['of a listed organisation', { organization: 'o-example1234' }, {}, true],
    ['of another organisation', { organization: 'o-other12345' }, {}, false],
    ['that tells no organisation', { organization: 'o-example1234' }, { [NAMESPACE]: {} }, false],
    [
      'whose organisation is written flat',
      { organization: 'o-example1234' },
      { [NAMESPACE]: undefined, [`${NAMESPACE}org_id`]: 'o-example1234' },
      true,
    ],
    ['of a listed account', { accounts: ['111122223333'] }, {}, true],
    ['of another account', { accounts: ['444455556666'] }, {}, false],
    ['of a listed principal', { principals: ['arn:aws:iam::*:role/Deploy*'] }, {}, true],
    ['of another principal', { principals: ['arn:aws:iam::*:role/Admin*'] }, {}, false],
    [
      'of another account but a listed organisation',
      { accounts: ['444455556666'], organization: 'o-example1234' },
      {},
      true,
    ],
  ]
  for (const [what, options, claims, isIn] of admissions) {
    test(`${what} is ${isIn ? 'admitted' : 'a 403'}`, async () => {
      const request = bearer(webIdentityToken(ES384, webIdentityClaims(claims)))
      if (isIn) await gateway(options)(request)
      else assert.equal((await refused(gateway(options)(request))).status, 403)
    })
  }
})

function withHeader(header: Record<string, unknown>, signature = 'AAAA'): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part(header)}.${part(webIdentityClaims())}.${signature}`
}

/** The classic confusion: the public key, which everybody has, taken for an HMAC secret. */
function signedWithPublicKey(key: SigningKey): string {
  const unsigned = withHeader({ alg: 'HS256', kid: key.id }, '')
  const secret = key.publicKey.export({ type: 'spki', format: 'pem' })
  return unsigned + createHmac('sha256', secret).update(unsigned.slice(0, -1)).digest('base64url')
}

function claimsOf(changes: Record<string, unknown>): () => string {
  return () => webIdentityToken(ES384, webIdentityClaims(changes))
}

const HOSTILE: [what: string, token: () => string][] = [
  ['with alg none', () => withHeader({ alg: 'none', kid: 'EC384_0' })],
  ['with alg none and an empty signature', () => withHeader({ alg: 'none', kid: 'EC384_0' }, '')],
  ['signed with the public key as a secret', () => signedWithPublicKey(RS256)],
  ['with an algorithm that AWS does not use', () => withHeader({ alg: 'ES256', kid: 'EC384_0' })],
  [
    'that brings its own key',
    () =>
      webIdentityToken(STRANGER, webIdentityClaims(), { jwk: STRANGER.publicKey.export({ format: 'jwk' }) }),
  ],
  [
    'that says where its keys are',
    () => webIdentityToken(STRANGER, webIdentityClaims(), { jku: 'https://evil.example.com/' }),
  ],
  ['with critical extensions', () => webIdentityToken(ES384, webIdentityClaims(), { crit: ['exp'] })],
  ['without a key id', () => webIdentityToken(ES384, webIdentityClaims(), { kid: undefined })],
  ['signed by a stranger under a known key id', () => webIdentityToken(STRANGER)],
  [
    'whose algorithm does not fit its key',
    () => webIdentityToken(ES384, webIdentityClaims(), { kid: 'RSA_0' }),
  ],
  [
    'with a changed claim',
    () => {
      const [header, , signature] = webIdentityToken(ES384).split('.')
      const claims = Buffer.from(
        JSON.stringify(webIdentityClaims({ sub: 'arn:aws:iam::111122223333:role/Admin' })),
      )
      return `${header}.${claims.toString('base64url')}.${signature}`
    },
  ],
  ['of another issuer', claimsOf({ iss: 'https://evil.tokens.sts.global.api.aws' })],
  ['whose issuer only begins like a known one', claimsOf({ iss: `${ISSUER}.evil.example.com` })],
  ['whose issuer has a slash at the end', claimsOf({ iss: `${ISSUER}/` })],
  ['for another audience', claimsOf({ aud: 'other-gateway' })],
  ['whose audience only holds ours', claimsOf({ aud: 'messages-lambda-staging' })],
  ['without an audience', claimsOf({ aud: undefined })],
  ['that has expired', claimsOf({ iat: seconds(-1000), exp: seconds(-1) })],
  ['that never expires', claimsOf({ exp: undefined })],
  ['whose expiry is a text', claimsOf({ exp: '9999999999' })],
  ['from the future', claimsOf({ iat: seconds(120) })],
  ['that is not valid yet', claimsOf({ nbf: seconds(120) })],
  ['whose subject is no ARN', claimsOf({ sub: 'alice' })],
  ['that names two accounts', claimsOf({ [NAMESPACE]: { aws_account: '444455556666' } })],
  ['that is oversized', claimsOf({ padding: 'x'.repeat(20_000) })],
  ['with four parts', () => `${webIdentityToken(ES384)}.AAAA`],
  ['with padding', () => `${webIdentityToken(ES384)}=`],
  ['that is no JSON', () => 'eyJ.eyJ.eyJ'],
]

describe('a hostile web identity token', () => {
  for (const [what, token] of HOSTILE) {
    test(`${what} is refused, and nobody but the listed issuer is ever asked`, async () => {
      const value = token()
      const error = await refused(gateway()(bearer(value)))
      assert.equal(error.status, 401)
      assert.equal(error.type, 'authentication_error')
      assert.ok(!error.message.includes(value))
      const allowed = `${new URL(ISSUER).host}/.well-known/jwks.json`
      assert.ok(issuer.calls.every((call) => call === allowed))
    })
  }
})

describe("the issuer's keys", () => {
  test('are read again when a token names a new one, so that a rotation breaks nothing', async () => {
    let now = Date.now()
    const authenticate = gateway({ now: () => now })
    await authenticate(bearer(webIdentityToken(ES384)))
    const next = createSigningKey('EC384_1', 'ES384')
    issuer.keys = [next]
    now += MINUTE
    await authenticate(bearer(webIdentityToken(next)))
    assert.equal(issuer.calls.length, 2)
    assert.equal((await refused(authenticate(bearer(webIdentityToken(ES384))))).status, 401)
  })

  test('are asked for at most once in a minute, whatever key ids are invented', async () => {
    let now = Date.now()
    const authenticate = gateway({ now: () => now })
    const invented = () =>
      bearer(webIdentityToken(ES384, webIdentityClaims(), { kid: `invented-${Math.random()}` }))
    for (let count = 0; count < 10; count += 1) await refused(authenticate(invented()))
    assert.equal(issuer.calls.length, 1)
    now += MINUTE
    await Promise.all(Array.from({ length: 5 }, () => refused(authenticate(invented()))))
    assert.equal(issuer.calls.length, 2)
  })

  test('that were withdrawn are no longer trusted after an hour', async () => {
    let now = Date.now()
    const authenticate = gateway({ now: () => now })
    await authenticate(bearer(webIdentityToken(ES384)))
    issuer.keys = [RS256]
    now += 61 * MINUTE
    const late = webIdentityClaims({ exp: seconds(7200) })
    assert.equal((await refused(authenticate(bearer(webIdentityToken(ES384, late))))).status, 401)
  })

  test('go on being trusted while the issuer cannot be reached, for a day, and the log says so', async () => {
    let now = Date.now()
    const warnings: string[] = []
    const log = { debug() {}, info() {}, error() {}, warn: (message: string) => void warnings.push(message) }
    const authenticate = gateway({ now: () => now, log })
    const lasting = bearer(webIdentityToken(ES384, webIdentityClaims({ exp: seconds(200_000) })))
    await authenticate(lasting)
    issuer.behaviour = (response) => response.writeHead(500).end()
    now += 120 * MINUTE
    await authenticate(lasting)
    assert.equal(warnings.length, 1)
    now += 23 * 60 * MINUTE
    assert.equal((await refused(authenticate(lasting))).status, 502)
  })

  test('that cannot be read at all are an error of the gateway, and are asked for again', async () => {
    const authenticate = gateway()
    issuer.behaviour = (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('[]')
    assert.equal((await refused(authenticate(bearer(webIdentityToken(ES384))))).status, 502)
    issuer.behaviour = undefined
    await authenticate(bearer(webIdentityToken(ES384)))
  })

  test('are read past a key of a kind that is not known', async () => {
    const strange = [{ kty: 'OKP', kid: 'x' }, { kty: 'EC', kid: 'broken', crv: 'P-384' }, 7]
    const good = { ...ES384.publicKey.export({ format: 'jwk' }), kid: ES384.id }
    issuer.behaviour = (response) =>
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ keys: [...strange, good] }))
    await gateway()(bearer(webIdentityToken(ES384)))
  })
})
