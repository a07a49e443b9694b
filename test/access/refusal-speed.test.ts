import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createAuthenticate } from '../../lambda/access/authenticate.ts'
import { issueCallerKey } from '../../lambda/access/caller-key.ts'
import { ALICE } from '../harness/aws-identity.ts'
import {
  createSigningKey,
  ISSUER,
  JwksEndpoint,
  webIdentityClaims,
  webIdentityToken,
} from '../harness/jwks-endpoint.ts'
import { stsToken } from '../harness/sts-token.ts'
import { bearer } from './request.ts'

/** Strangers are refused all day: what one refusal costs is printed here. Nothing is asserted about time. */
const ROUNDS = 500

const key = createSigningKey('EC384_0', 'ES384')
const stranger = createSigningKey('EC384_0', 'ES384')
let issuer: JwksEndpoint
before(async () => {
  issuer = await JwksEndpoint.start([key])
})
after(() => issuer.close())

test('every kind of bad credential is refused, and the time that takes is printed', async (t) => {
  const records = Array.from({ length: 100 }, (_, index) => issueCallerKey(`key-${index}`, new Date()).record)
  const authenticate = createAuthenticate({
    mode: 'bearer',
    audience: 'messages-lambda',
    accounts: [ALICE.account],
    principals: [],
    regions: ['eu-central-1'],
    issuers: [ISSUER],
    endpoint: issuer.endpoint,
    keyRecords: async () => records,
  })
  await authenticate(bearer(webIdentityToken(key)))
  const credentials: [what: string, token: string][] = [
    ['no credential of ours', 'sk-ant-api03-000000'],
    ['an unknown API key', issueCallerKey('key-99', new Date()).key],
    ['an expired web identity token', webIdentityToken(key, webIdentityClaims({ exp: 1 }))],
    ['a web identity token with a wrong signature', webIdentityToken(stranger)],
    ['a presigned token that is too old', await stsToken(ALICE, { date: new Date(0) })],
  ]
  for (const [what, token] of credentials) {
    const started = performance.now()
    let refusals = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      await authenticate(bearer(token)).catch(() => {
        refusals += 1
      })
    }
    const microseconds = Math.round(((performance.now() - started) * 1000) / ROUNDS)
    assert.equal(refusals, ROUNDS)
    t.diagnostic(`${what}: refused in ${microseconds} µs`)
  }
})
