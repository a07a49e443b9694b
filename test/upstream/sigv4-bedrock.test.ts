import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chatExchange } from '../../lambda/upstream/chat-exchange.ts'
import { closeFreeConnections } from '../../lambda/upstream/http-client.ts'
import { signForBedrock } from '../../lambda/upstream/sigv4-bedrock.ts'
import { ALICE } from '../harness/aws-identity.ts'
import { startScriptedUpstream, textReply } from '../harness/scripted-upstream.ts'
import { readSignatureHeader, recomputeSignature, sha256Hex } from '../harness/signature-version-4.ts'
import { makeAttempt, makeTarget } from './attempt.ts'

const URL = 'https://bedrock-runtime.eu-west-1.amazonaws.com/openai/v1/chat/completions'
const credentials = async () => ALICE

/** What AWS would compute from what it gets. */
function expectedSignature(url: string, headers: Record<string, string>, body: string): string {
  const claimed = readSignatureHeader(headers['authorization'])
  assert.ok(claimed, 'there is a signature')
  assert.equal(claimed.service, 'bedrock')
  assert.equal(claimed.accessKeyId, ALICE.accessKeyId)
  for (const name of ['host', 'x-amz-date', 'x-amz-security-token'])
    assert.ok(claimed.signedHeaders.includes(name), name)
  const { pathname, search } = new globalThis.URL(url)
  const signature = recomputeSignature({
    method: 'POST',
    path: pathname,
    query: search.slice(1),
    headers,
    signedHeaders: claimed.signedHeaders,
    payloadHash: sha256Hex(body),
    date: headers['x-amz-date'] ?? '',
    region: claimed.region,
    service: claimed.service,
    secretAccessKey: ALICE.secretAccessKey,
  })
  assert.equal(claimed.signature, signature)
  return claimed.region
}

test('the signature is the one that AWS computes, body, query and session token included', async () => {
  const body = '{"model":"openai.gpt-oss-20b-1:0","text":"ü"}'
  const url = `${URL}?b=2&a=1%202`
  const headers = await signForBedrock(
    { url, headers: { 'content-type': 'application/json', 'x-team': 'platform' }, body, region: 'us-east-2' },
    credentials,
    new Date('2026-11-20T12:00:00Z'),
  )
  assert.equal(headers['x-amz-date'], '20261120T120000Z')
  assert.equal(headers['x-amz-security-token'], ALICE.sessionToken)
  assert.equal(expectedSignature(url, headers, body), 'us-east-2')
})

test('the region comes from the host name where no option says it', async () => {
  for (const [url, region] of [
    [URL, 'eu-west-1'],
    ['https://bedrock-mantle.ap-southeast-2.api.aws/v1/chat/completions', 'ap-southeast-2'],
  ] as const) {
    const headers = await signForBedrock({ url, headers: {}, body: '{}', region: undefined }, credentials)
    assert.equal(readSignatureHeader(headers['authorization'])?.region, region)
  }
  await assert.rejects(
    signForBedrock({ url: 'https://example.com/', headers: {}, body: '{}', region: undefined }, credentials),
    { kind: 'misconfigured', message: /region/ },
  )
})

test('without credentials the error says what to do', async () => {
  const none = async () => {
    throw new Error('Could not load credentials from any providers')
  }
  await assert.rejects(signForBedrock({ url: URL, headers: {}, body: '{}', region: undefined }, none), {
    kind: 'misconfigured',
    message: /aws sso login/,
  })
})

test('a turn to Bedrock is signed on the wire by the process’s own role, and a key goes as Bearer instead', async (context) => {
  const upstream = await startScriptedUpstream()
  const names = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'] as const
  const before = names.map((name) => process.env[name])
  process.env['AWS_ACCESS_KEY_ID'] = ALICE.accessKeyId
  process.env['AWS_SECRET_ACCESS_KEY'] = ALICE.secretAccessKey
  process.env['AWS_SESSION_TOKEN'] = ALICE.sessionToken
  context.after(async () => {
    for (const [index, name] of names.entries()) {
      if (before[index] === undefined) delete process.env[name]
      else process.env[name] = before[index]
    }
    closeFreeConnections()
    await upstream.close()
  })
  upstream.always(textReply('ok'))
  const url = `${upstream.origin}/openai/v1/chat/completions`
  const target = makeTarget({
    url,
    authentication: 'sigv4-bedrock',
    key: 'none',
    options: { region: 'eu-west-1' },
  })
  const answer = await chatExchange(makeAttempt({ target }))
  assert.equal(answer.kind, 'events')
  const { headers, body } = await upstream.request(0)
  expectedSignature(url, { ...headers }, body.toString())
  await chatExchange(makeAttempt({ target: { ...target, key: 'env:BEDROCK_API_KEY' } }))
  assert.equal((await upstream.request(1)).headers['authorization'], 'Bearer key-one')
})
