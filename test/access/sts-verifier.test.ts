import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { type BearerOptions, createAuthenticate } from '../../lambda/access/authenticate.ts'
import { ALICE, type AwsIdentity, MALLORY } from '../harness/aws-identity.ts'
import { StsEndpoint } from '../harness/sts-endpoint.ts'
import { presignedUrl, stsToken, wrapUrl } from '../harness/sts-token.ts'
import { bearer, refused } from './request.ts'

const MINUTE = 60_000

let sts: StsEndpoint
before(async () => {
  sts = await StsEndpoint.start()
})
after(() => sts.close())
afterEach(() => {
  sts.calls.length = 0
  sts.behaviour = undefined
})

function gateway(options: Partial<BearerOptions> = {}) {
  return createAuthenticate({
    mode: 'bearer',
    audience: 'messages-lambda',
    accounts: [ALICE.account],
    principals: [],
    regions: ['eu-central-1', 'us-east-1'],
    issuers: [],
    endpoint: sts.endpoint,
    ...options,
  })
}

/** The URL of a good token with one thing changed. */
async function changed(change: (url: string) => string): Promise<string> {
  return wrapUrl(change(await presignedUrl(ALICE)))
}

describe('a presigned GetCallerIdentity', () => {
  test('proves who the caller is', async () => {
    const caller = await gateway()(bearer(await stsToken(ALICE)))
    assert.deepEqual(caller, { id: ALICE.arn, kind: 'sts', account: ALICE.account, arn: ALICE.arn })
    const [call] = sts.calls
    assert.equal(call?.host, 'sts.eu-central-1.amazonaws.com')
    assert.equal(call?.headers['x-k8s-aws-id'], 'messages-lambda')
  })

  test('proves it in every region on the list', async () => {
    await gateway()(bearer(await stsToken(ALICE, { region: 'us-east-1' })))
    assert.equal(sts.calls[0]?.host, 'sts.us-east-1.amazonaws.com')
  })

  test('is asked about once, also by many at the same time, until five minutes have passed', async () => {
    let now = Date.now()
    const authenticate = gateway({ now: () => now })
    const request = bearer(await stsToken(ALICE))
    await Promise.all(Array.from({ length: 20 }, () => authenticate(request)))
    await authenticate(request)
    assert.equal(sts.calls.length, 1)
    now += 5 * MINUTE
    await authenticate(request)
    assert.equal(sts.calls.length, 2)
  })

  test('is refused once it is 15 minutes old, even when it was good a moment before', async () => {
    let now = Date.now()
    const authenticate = gateway({ now: () => now })
    const request = bearer(await stsToken(ALICE, { date: new Date(now - 14 * MINUTE) }))
    await authenticate(request)
    now += 2 * MINUTE
    const error = await refused(authenticate(request))
    assert.equal(error.status, 401)
    assert.match(error.message, /15 minutes/)
    assert.equal(sts.calls.length, 1)
  })

  test('of somebody who is not admitted is a 403 that says who they are', async () => {
    const error = await refused(gateway()(bearer(await stsToken(MALLORY))))
    assert.equal(error.status, 403)
    assert.ok(error.message.includes(MALLORY.arn))
  })

  test('admits by ARN pattern as well, and never by organisation, which STS does not tell', async () => {
    const account = ALICE.arn.split(':')[4]
    const principals = [`arn:aws:sts::${account}:assumed-role/AWSReservedSSO_Developers_*/*`]
    await gateway({ accounts: [], principals })(bearer(await stsToken(ALICE)))
    const organization = gateway({ accounts: [], organization: 'o-example1234' })
    assert.equal((await refused(organization(bearer(await stsToken(ALICE))))).status, 401)
    assert.equal(sts.calls.length, 1)
  })

  test('is not admitted by a pattern without an account: anybody can name a role of theirs like ours', async () => {
    const principals = ['arn:aws:sts::*:assumed-role/AWSReservedSSO_Developers_*/*', 'arn:aws:iam::*:*']
    const nobody = gateway({ accounts: [], principals })
    assert.equal((await refused(nobody(bearer(await stsToken(ALICE))))).status, 401)
    assert.equal(sts.calls.length, 0)
    const others = gateway({ accounts: ['999988887777'], principals })
    assert.equal((await refused(others(bearer(await stsToken(ALICE))))).status, 403)
  })
})

const LONG_QUERY = `&X-Amz-Security-Token=${'a'.repeat(4000)}`

/** What a token says, and whether STS has to be asked to find out that it is bad. */
const HOSTILE: [what: string, token: () => Promise<string>, asked?: 'asked'][] = [
  ['made for another audience', () => stsToken(ALICE, { audience: 'other-gateway' }), 'asked'],
  ['older than 15 minutes', () => stsToken(ALICE, { date: new Date(Date.now() - 16 * MINUTE) })],
  ['from the future', () => stsToken(ALICE, { date: new Date(Date.now() + 10 * MINUTE) })],
  ['valid for too long', () => changed((url) => url.replace('Expires=60', 'Expires=901'))],
  ['with a negative lifetime', () => changed((url) => url.replace('Expires=60', 'Expires=-1'))],
  ['for another action', () => stsToken(ALICE, { action: 'GetSessionToken' })],
  ['with a second action', () => changed((url) => `${url}&Action=GetCallerIdentity`)],
  ['with a second action hidden by encoding', () => changed((url) => `${url}&%41ction=AssumeRole`)],
  ['with a second audience', () => changed((url) => `${url}&x-k8s-aws-id=messages-lambda`)],
  ['with a parameter of its own', () => changed((url) => `${url}&RoleArn=x`)],
  ['with a parameter that every object has', () => changed((url) => `${url}&constructor=x`)],
  ['without a signature', () => changed((url) => url.replace(/&X-Amz-Signature=[0-9a-f]+/, ''))],
  ['with a changed signature', () => changed((url) => url.replace(/[0-9a-f]{4}(?=&|$)/, '0000')), 'asked'],
  [
    'with another access key',
    () => changed((url) => url.replace('ASIAEXAMPLEALICE0001', MALLORY.accessKeyId)),
    'asked',
  ],
  [
    'without its session token',
    () => changed((url) => url.replace(/&X-Amz-Security-Token=[^&]+/, '')),
    'asked',
  ],
  ['that did not sign the audience', () => stsToken(ALICE, { signAudience: false })],
  ['signed for another service', () => changed((url) => url.replace('%2Fsts%2F', '%2Fiam%2F'))],
  ['of a region that is not on the list', () => stsToken(ALICE, { region: 'ap-south-1' })],
  ['whose region is a host', () => changed((url) => url.replaceAll('eu-central-1', 'evil.example.com%2F'))],
  [
    'for another host',
    () => changed((url) => url.replace('sts.eu-central-1.amazonaws.com', 'evil.example.com')),
  ],
  [
    'for the metadata service',
    () => changed((url) => url.replace('sts.eu-central-1.amazonaws.com', '169.254.169.254')),
  ],
  ['for another region’s host', () => changed((url) => url.replace('//sts.eu-central-1', '//sts.us-east-1'))],
  [
    'with a user in front of the host',
    () => changed((url) => url.replace('//', '//sts.us-east-1.amazonaws.com@')),
  ],
  ['with a port', () => changed((url) => url.replace('.com/', '.com:8443/'))],
  ['for another path', () => changed((url) => url.replace('.com/?', '.com/x/../?'))],
  ['over plain http', () => changed((url) => url.replace('https:', 'http:'))],
  ['with a fragment', () => changed((url) => `${url}#x`)],
  ['with a line break', () => changed((url) => `${url}\r\nHost: evil.example.com`)],
  [
    'with an encoded line break',
    () => changed((url) => url.replace('eu-central-1%2F', 'eu-central-1%0d%0a%2F')),
  ],
  ['with broken percent-encoding', () => changed((url) => url.replace('%2F', '%zz'))],
  ['whose scope is of another day', () => changed((url) => url.replace(/%2F\d{8}%2F/, '%2F20200101%2F'))],
  ['with a date that is none', () => changed((url) => url.replaceAll(/20\d{6}(?=T|%2F)/g, '20269999'))],
  ['that is too long', async () => wrapUrl((await presignedUrl(ALICE)) + LONG_QUERY)],
  ['that is not base64url', async () => `${await stsToken(ALICE)}=`],
  ['that is empty', async () => 'k8s-aws-v1.'],
]

describe('a hostile token', () => {
  for (const [what, token, asked] of HOSTILE) {
    test(`${what} is refused${asked ? ', after STS was asked at its own host' : ' without asking anybody'}`, async () => {
      const value = await token()
      const error = await refused(gateway()(bearer(value)))
      assert.equal(error.status, 401)
      assert.equal(error.type, 'authentication_error')
      for (const part of [value, ALICE.accessKeyId]) assert.ok(!error.message.includes(part))
      assert.deepEqual(
        sts.calls.map((call) => `${call.host}${call.path}`),
        asked ? ['sts.eu-central-1.amazonaws.com/'] : [],
      )
    })
  }

  test('is asked about once in a minute, not on every request', async () => {
    let now = Date.now()
    const authenticate = gateway({ now: () => now })
    const request = bearer(await stsToken(ALICE, { audience: 'other-gateway' }))
    for (let count = 0; count < 5; count += 1) await refused(authenticate(request))
    assert.equal(sts.calls.length, 1)
    now += MINUTE
    await refused(authenticate(request))
    assert.equal(sts.calls.length, 2)
  })
})

describe('an STS that misbehaves', () => {
  const answer = (identity: Partial<AwsIdentity>) => {
    const { account, arn } = { ...ALICE, ...identity }
    return JSON.stringify({
      GetCallerIdentityResponse: { GetCallerIdentityResult: { Account: account, Arn: arn } },
    })
  }
  const JSON_TYPE = { 'content-type': 'application/json' }

  const liars: [
    what: string,
    status: number,
    headers: Record<string, string>,
    body: string,
    expected: number,
  ][] = [
    ['redirects', 302, { location: 'http://127.0.0.1:1/elsewhere' }, '', 401],
    ['answers with XML', 200, { 'content-type': 'text/xml' }, answer({}), 401],
    ['answers with broken JSON', 200, JSON_TYPE, answer({}).slice(1), 401],
    ['answers with another document', 200, JSON_TYPE, '{"Account":"111122223333"}', 401],
    ['names an account that is not the ARN’s', 200, JSON_TYPE, answer({ account: '444455556666' }), 401],
    ['names something that is no identity', 200, JSON_TYPE, answer({ arn: 'arn:aws:s3:::bucket' }), 401],
    ['answers without end', 200, JSON_TYPE, ' '.repeat(70_000) + answer({}), 502],
    ['switches protocols', 101, { upgrade: 'websocket', connection: 'Upgrade' }, '', 502],
    ['is broken', 503, JSON_TYPE, '{}', 502],
    ['is busy', 429, JSON_TYPE, '{}', 502],
  ]
  for (const [what, status, headers, body, expected] of liars) {
    test(`and ${what} lets nobody in (${expected}) and is followed nowhere`, async () => {
      sts.behaviour = (_call, response) => response.writeHead(status, headers).end(body)
      const error = await refused(gateway()(bearer(await stsToken(ALICE))))
      assert.equal(error.status, expected)
      assert.equal(sts.calls.length, 1)
    })
  }

  test('and does not answer is given up, and asked anew by the next request', async () => {
    const authenticate = gateway()
    const request = bearer(await stsToken(ALICE))
    sts.behaviour = () => {}
    const error = await refused(authenticate(request))
    assert.equal(error.status, 504)
    sts.behaviour = undefined
    assert.equal((await authenticate(request)).id, ALICE.arn)
  })

  test('and begins an answer that never ends is given up too', async () => {
    sts.behaviour = (_call, response) => response.writeHead(200, JSON_TYPE).write('{')
    const error = await refused(gateway()(bearer(await stsToken(ALICE))))
    assert.ok(error.status === 502 || error.status === 504)
  })

  test('and cannot be reached is an error of the gateway, not of the caller', async () => {
    const nowhere = gateway({ endpoint: () => new URL('http://127.0.0.1:1/') })
    assert.equal((await refused(nowhere(bearer(await stsToken(ALICE))))).status, 502)
  })
})
