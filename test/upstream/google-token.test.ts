import assert from 'node:assert/strict'
import { createVerify, generateKeyPairSync } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { authenticatedHeaders, renewedAuthentication } from '../../lambda/upstream/authentication.ts'
import { type GoogleIdentity, GoogleTokens } from '../../lambda/upstream/google-token.ts'
import { ALICE } from '../harness/aws-identity.ts'
import { recordedLog } from '../harness/recorded-log.ts'
import { startScriptedUpstream, type UpstreamRequest } from '../harness/scripted-upstream.ts'
import { readSignatureHeader, recomputeSignature, sha256Hex } from '../harness/signature-version-4.ts'
import { createKeys, makeTarget } from './attempt.ts'

const POOL = 'projects/123456789/locations/global/workloadIdentityPools/aws/providers/messages-lambda'
const JSON_HEADERS = { 'content-type': 'application/json' }

/** Google's token endpoint, for these tests. */
async function tokenEndpoint(context: TestContext) {
  const endpoint = await startScriptedUpstream()
  context.after(() => endpoint.close())
  return endpoint
}

function tokenReply(token: string, seconds = 3600) {
  return {
    headers: JSON_HEADERS,
    steps: [JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: seconds })],
  }
}

/** Checks the subject token as Google does: by the signature of the GetCallerIdentity request that it holds. */
function verifySubjectToken(request: UpstreamRequest): void {
  const form = new URLSearchParams(request.body.toString())
  assert.equal(form.get('audience'), `//iam.googleapis.com/${POOL}`)
  assert.equal(form.get('subject_token_type'), 'urn:ietf:params:aws:token-type:aws4_request')
  const asked = JSON.parse(decodeURIComponent(form.get('subject_token') ?? ''))
  const headers: Record<string, string> = Object.fromEntries(
    asked.headers.map(({ key, value }: { key: string; value: string }) => [key.toLowerCase(), value]),
  )
  assert.equal(headers['x-goog-cloud-target-resource'], `//iam.googleapis.com/${POOL}`)
  const claimed = readSignatureHeader(headers['authorization'])
  assert.ok(claimed)
  assert.equal(claimed.accessKeyId, ALICE.accessKeyId)
  const url = new URL(asked.url)
  assert.match(url.hostname, /^sts\.eu-west-1\./)
  const signature = recomputeSignature({
    method: asked.method,
    path: url.pathname,
    query: url.search.slice(1),
    headers,
    signedHeaders: claimed.signedHeaders,
    payloadHash: sha256Hex(''),
    date: headers['x-amz-date'] ?? '',
    region: claimed.region,
    service: claimed.service,
    secretAccessKey: ALICE.secretAccessKey,
  })
  assert.equal(claimed.signature, signature)
}

const FEDERATION: GoogleIdentity = { kind: 'federation', workloadIdentityProvider: POOL, region: 'eu-west-1' }

function federated(stsUrl: string, now?: () => number) {
  return new GoogleTokens({ credentials: async () => ALICE, stsUrl, now })
}

test("the process's AWS credentials become a Google token, without a metadata server", async (context) => {
  const endpoint = await tokenEndpoint(context)
  endpoint.next(tokenReply('ya29.federated'))
  assert.equal(await federated(endpoint.origin).get(FEDERATION, 'vertex'), 'ya29.federated')
  verifySubjectToken(await endpoint.request())
})

test('a token is asked for once by all who need it, kept, and renewed before it expires', async (context) => {
  const endpoint = await tokenEndpoint(context)
  endpoint.next(tokenReply('first'), tokenReply('second'))
  let now = Date.now()
  const tokens = federated(endpoint.origin, () => now)
  const together = await Promise.all(Array.from({ length: 10 }, () => tokens.get(FEDERATION, 'vertex')))
  assert.deepEqual(new Set(together), new Set(['first']))
  now += 54 * 60_000
  assert.equal(await tokens.get(FEDERATION, 'vertex'), 'first')
  now += 2 * 60_000
  assert.equal(await tokens.get(FEDERATION, 'vertex'), 'second')
  assert.equal(endpoint.requests.length, 2)
})

test('a token that the provider refuses is not shown again', async (context) => {
  const endpoint = await tokenEndpoint(context)
  endpoint.next(tokenReply('stale'), tokenReply('fresh'))
  const tokens = federated(endpoint.origin)
  const target = makeTarget({
    authentication: 'google',
    key: 'none',
    options: { workload_identity_provider: POOL, region: 'eu-west-1' },
  })
  const unsigned = { url: target.url, headers: {}, body: '{}' }
  const first = await authenticatedHeaders(target, createKeys(), unsigned, tokens)
  assert.equal(first['authorization'], 'Bearer stale')
  assert.equal(await renewedAuthentication(target, createKeys(), recordedLog(), tokens), true)
  const second = await authenticatedHeaders(target, createKeys(), unsigned, tokens)
  assert.equal(second['authorization'], 'Bearer fresh')
})

test('a service account from the secret signs for its token', async (context) => {
  const endpoint = await tokenEndpoint(context)
  endpoint.next(tokenReply('ya29.account'))
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const text = JSON.stringify({
    type: 'service_account',
    client_email: 'gateway@example.iam.gserviceaccount.com',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    private_key_id: 'key-1',
  })
  const tokens = new GoogleTokens({
    fetch: (input, init) => {
      const asked = new URL(input instanceof Request ? input.url : input)
      assert.equal(asked.href, 'https://oauth2.googleapis.com/token')
      return fetch(endpoint.origin, init)
    },
  })
  const target = makeTarget({ authentication: 'google' })
  const headers = await authenticatedHeaders(
    target,
    createKeys(text),
    { url: target.url, headers: {}, body: '' },
    tokens,
  )
  assert.equal(headers['authorization'], 'Bearer ya29.account')
  const assertion = new URLSearchParams((await endpoint.request()).body.toString()).get('assertion') ?? ''
  const [head = '', claims = '', signature = ''] = assertion.split('.')
  const verifier = createVerify('RSA-SHA256').update(`${head}.${claims}`)
  assert.ok(verifier.verify(publicKey, signature, 'base64url'), 'the assertion is signed by the account')
  const said = JSON.parse(Buffer.from(claims, 'base64url').toString())
  assert.equal(said.iss, 'gateway@example.iam.gserviceaccount.com')
  assert.equal(said.scope, 'https://www.googleapis.com/auth/cloud-platform')
})

test('a federation file from the secret uses the same credentials, whatever its own source is', async (context) => {
  const endpoint = await tokenEndpoint(context)
  endpoint.next(tokenReply('federated'), {
    headers: JSON_HEADERS,
    steps: ['{"accessToken":"impersonated","expireTime":"2099-01-01T00:00:00Z"}'],
  })
  const text = JSON.stringify({
    type: 'external_account',
    audience: `//iam.googleapis.com/${POOL}`,
    subject_token_type: 'urn:ietf:params:aws:token-type:aws4_request',
    token_url: endpoint.origin,
    service_account_impersonation_url: `${endpoint.origin}/v1/projects/-/serviceAccounts/g@example:generateAccessToken`,
    credential_source: {
      environment_id: 'aws1',
      region_url: 'http://169.254.169.254/latest/meta-data/placement/availability-zone',
      url: 'http://169.254.169.254/latest/meta-data/iam/security-credentials',
      regional_cred_verification_url:
        'https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15',
    },
  })
  const before = process.env['AWS_REGION']
  process.env['AWS_REGION'] = 'eu-west-1'
  context.after(() => {
    if (before === undefined) delete process.env['AWS_REGION']
    else process.env['AWS_REGION'] = before
  })
  const tokens = new GoogleTokens({ credentials: async () => ALICE })
  assert.equal(await tokens.get({ kind: 'json', text }, 'vertex'), 'impersonated')
  verifySubjectToken(await endpoint.request(0))
  assert.equal((await endpoint.request(1)).headers['authorization'], 'Bearer federated')
})

test('a plain API key goes as Bearer, and Google is not asked', async () => {
  const target = makeTarget({ authentication: 'google' })
  const headers = await authenticatedHeaders(target, createKeys('AIza-key'), {
    url: target.url,
    headers: {},
    body: '',
  })
  assert.equal(headers['authorization'], 'Bearer AIza-key')
})

test('a refusal says what to check, an outage may be tried again, and neither gives anything away', async (context) => {
  const endpoint = await tokenEndpoint(context)
  const refusal = { error: 'invalid_grant', error_description: 'The AWS role is not trusted.' }
  endpoint.next({ status: 400, headers: JSON_HEADERS, steps: [JSON.stringify(refusal)] })
  const tokens = federated(endpoint.origin)
  await assert.rejects(tokens.get(FEDERATION, 'vertex'), {
    kind: 'misconfigured',
    retryable: false,
    message: /workload identity pool/,
  })
  endpoint.always({ status: 503, headers: JSON_HEADERS, steps: ['{}'] })
  await assert.rejects(tokens.get(FEDERATION, 'vertex'), {
    kind: 'upstream',
    retryable: true,
  })
  await assert.rejects(tokens.get({ kind: 'json', text: 'secret-not-json' }, 'vertex'), (error: Error) => {
    assert.doesNotMatch(`${error.message} ${error.stack}`, /secret-not-json/)
    return true
  })
})

test('with nothing to prove it by, the error says what to set', async () => {
  const target = makeTarget({ authentication: 'google', key: 'none' })
  const names = ['GOOGLE_APPLICATION_CREDENTIALS', 'CLOUDSDK_CONFIG'] as const
  const before = names.map((name) => process.env[name])
  process.env['GOOGLE_APPLICATION_CREDENTIALS'] = ''
  process.env['CLOUDSDK_CONFIG'] = '/nonexistent'
  try {
    await assert.rejects(
      authenticatedHeaders(target, createKeys(), { url: target.url, headers: {}, body: '' }),
      {
        kind: 'misconfigured',
        message: /workload_identity_provider/,
      },
    )
  } finally {
    for (const [index, name] of names.entries()) {
      if (before[index] === undefined) delete process.env[name]
      else process.env[name] = before[index]
    }
  }
})
