import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Credentials } from '../../infra/connect/aws-credentials.ts'
import { signingHeaders } from '../../infra/connect/sign-request.ts'
import { ALICE, type AwsIdentity, MALLORY } from '../harness/aws-identity.ts'
import { type DeployedStack, startDeployedStack } from '../harness/deployed-stack.ts'
import {
  type LambdaFront,
  type LambdaFrontOptions,
  startLambdaFront,
} from '../harness/lambda-front/lambda-front.ts'
import { SignatureCheckingFront } from '../harness/signature-checking-front.ts'
import { ask, errorOf, textOf } from './ask.ts'

/** Who gets in and what they may use, through the deployed bundle and with the rules that the command line writes. */

const DEVELOPERS = 'arn:aws:sts::*:assumed-role/AWSReservedSSO_Developers_*/*'

let stack: DeployedStack
before(async () => {
  stack = await startDeployedStack()
  await stack.table.put('model', 'hi', { target: 'demo/echo' })
  await stack.table.put('model', 'secret', { target: 'demo/echo' })
  await stack.table.put('setting', 'settings', { contact: '#ai-platform' })
  await operate('callers', 'add', '--match', DEVELOPERS, '--models', 'hi')
})
after(() => stack.close())

async function operate(...words: string[]): Promise<string> {
  const { code, out, notes } = await stack.run(words)
  assert.equal(code, 0, notes)
  return out
}

function startFront(options: LambdaFrontOptions): Promise<LambdaFront> {
  return startLambdaFront({
    maxConcurrency: 1,
    ...options,
    environment: {
      ...stack.environment,
      MODEL_TABLE: stack.table.table,
      // Every request begins a reading, so that the tests need not wait for half a minute.
      MAP_REFRESH_SECONDS: '0.001',
      ...options.environment,
    },
  })
}

async function models(url: string, headers: Record<string, string>): Promise<string[]> {
  const answer = await fetch(`${url}/v1/models`, { headers })
  const { data } = (await answer.json()) as { data: { id: string }[] }
  return data.map(({ id }) => id)
}

describe('a function behind a URL with AWS_IAM', () => {
  const signatures = new SignatureCheckingFront({})
  let front: LambdaFront
  before(async () => {
    front = await startFront({ iam: (request) => signatures.identify(request) })
  })
  after(() => front.close())

  interface Signing {
    readonly identity?: AwsIdentity
    readonly service?: string
    readonly region?: string
    readonly date?: Date
    /** What is sent, where it differs from what is signed. */
    readonly sent?: string
  }

  async function send(method: string, path: string, body = '', signing: Signing = {}): Promise<Response> {
    const url = new URL(path, front.url)
    const credentials: Credentials = signing.identity ?? ALICE
    const { host: _host, ...signed } = await signingHeaders({
      method,
      url,
      body: Buffer.from(body),
      service: signing.service ?? 'lambda',
      region: signing.region ?? 'eu-central-1',
      credentials,
      date: signing.date,
    })
    const sent = signing.sent ?? body
    return fetch(url, {
      method,
      headers: { ...signed, 'content-type': 'application/json' },
      ...(sent === '' ? {} : { body: sent }),
    })
  }

  const turn = (model: string, content = 'Say heron') =>
    JSON.stringify({ model, max_tokens: 100, messages: [{ role: 'user', content }] })

  test('knows who has signed', async () => {
    const answer = await send('GET', '/v1/whoami')
    assert.deepEqual(await answer.json(), {
      type: 'caller',
      id: ALICE.arn,
      kind: 'iam',
      account: ALICE.account,
      arn: ALICE.arn,
    })
  })

  test('answers a signed turn, and its log names the caller and not the prompt', async () => {
    const answer = await send('POST', '/v1/messages', turn('hi'))
    assert.equal(answer.status, 200)
    assert.match(await answer.text(), /heron/)
    assert.ok(front.output().includes(ALICE.arn))
    assert.doesNotMatch(front.output(), /heron/)
  })

  test('refuses a model that the rules keep back, and says who asked and whom to ask', async () => {
    const answer = await send('POST', '/v1/messages', turn('secret'))
    const { error } = (await answer.json()) as { error: { type: string; message: string } }
    assert.deepEqual([answer.status, error.type], [403, 'permission_error'])
    assert.ok(error.message.includes(ALICE.arn) && error.message.includes('#ai-platform'), error.message)
  })

  test('lists only the models that the caller may use', async () => {
    const { data } = (await (await send('GET', '/v1/models')).json()) as { data: { id: string }[] }
    assert.deepEqual(
      data.map(({ id }) => id),
      ['hi'],
    )
  })

  const wrong: [what: string, signing: Signing][] = [
    ['for another service', { service: 'execute-api' }],
    ['for another region', { region: 'us-east-1' }],
    ['an hour ago', { date: new Date(Date.now() - 3_600_000) }],
    ['over another body', { sent: turn('hi', 'Say something else') }],
    ['with a wrong secret', { identity: { ...ALICE, secretAccessKey: 'guessed' } }],
    ['without the session token', { identity: { ...ALICE, sessionToken: undefined } }],
    ['by nobody that AWS knows', { identity: { ...ALICE, accessKeyId: 'ASIAEXAMPLENOBODY001' } }],
    ['by somebody who may not call it', { identity: MALLORY }],
  ]
  for (const [what, signing] of wrong) {
    test(`is never asked by a request that was signed ${what}`, async () => {
      const before = front.processes().map(({ invocations }) => invocations)
      const answer = await send('POST', '/v1/messages', turn('hi'), signing)
      assert.equal(answer.status, 403)
      assert.deepEqual(
        front.processes().map(({ invocations }) => invocations),
        before,
      )
    })
  }

  test('is never asked without a signature, whatever else is shown', async () => {
    const before = front.processes().map(({ invocations }) => invocations)
    const shown: Record<string, string>[] = [
      {},
      { authorization: 'Bearer mlk_ci_x' },
      { 'x-api-key': 'mlk_ci_x' },
    ]
    for (const headers of shown) {
      assert.equal((await ask(front.url, { model: 'hi', headers })).status, 403)
    }
    assert.deepEqual(
      front.processes().map(({ invocations }) => invocations),
      before,
    )
  })
})

describe('a function in bearer mode', () => {
  let front: LambdaFront
  let key: string
  before(async () => {
    key = await operate('callers', 'add', 'ci', '--key', '--models', 'hi')
    front = await startFront({ environment: { ACCESS_MODE: 'bearer' } })
  })
  after(() => front.close())

  test('takes a key that the operator has issued, in either header', async () => {
    const shown: Record<string, string>[] = [{ authorization: `Bearer ${key}` }, { 'x-api-key': key }]
    for (const headers of shown) {
      assert.match(textOf(await ask(front.url, { model: 'hi', prompt: 'Say heron', headers })), /heron/)
      const whoami = await fetch(`${front.url}/v1/whoami`, { headers })
      assert.deepEqual(await whoami.json(), {
        type: 'caller',
        id: 'key:ci',
        kind: 'key',
        account: null,
        arn: null,
      })
    }
    assert.match(front.output(), /"caller":"key:ci"/)
  })

  test('binds the key to its models', async () => {
    const headers = { 'x-api-key': key }
    const seen = await ask(front.url, { model: 'secret', headers })
    assert.deepEqual([seen.status, errorOf(seen).type], [403, 'permission_error'])
    assert.deepEqual(await models(front.url, headers), ['hi'])
  })

  const refused: [what: string, headers: () => Record<string, string>][] = [
    ['no credential', () => ({})],
    ['a key that differs in its last letter', () => ({ 'x-api-key': `${key.slice(0, -1)}!` })],
    ['a key of a name that was never issued', () => ({ 'x-api-key': key.replace('_ci_', '_ada_') })],
    ['a key of another maker', () => ({ authorization: 'Bearer sk-ant-api03-abc' })],
    [
      'an identity that AWS did not verify',
      () => ({ authorization: `AWS4-HMAC-SHA256 Credential=${ALICE.accessKeyId}/x` }),
    ],
    ['a token whose URL is not one of STS', () => ({ authorization: 'Bearer k8s-aws-v1.aHR0cDovL2V2aWw' })],
  ]
  for (const [what, headers] of refused) {
    test(`refuses ${what} with a 401, before it looks at anything else`, async () => {
      for (const path of ['/v1/messages', '/v1/messages/count_tokens', '/v1/models', '/v1/whoami']) {
        const method = path.startsWith('/v1/messages') ? 'POST' : 'GET'
        const body = method === 'POST' ? { body: 'not even JSON' } : {}
        const answer = await fetch(`${front.url}${path}`, { method, headers: headers(), ...body })
        assert.equal(answer.status, 401, path)
        assert.match(await answer.text(), /"authentication_error"/)
      }
    })
  }

  test('refuses a key that the operator has withdrawn', async () => {
    await operate('callers', 'remove', 'ci')
    while ((await ask(front.url, { model: 'hi', headers: { 'x-api-key': key } })).status !== 401);
  })

  test('never logs what it was shown', () => {
    assert.ok(!front.output().includes(key))
    assert.doesNotMatch(front.output(), /sk-ant-api03|aHR0cDovL2V2aWw/)
  })
})

describe('a function with wrong access settings', () => {
  const rows: [environment: Record<string, string>, message: RegExp][] = [
    [{ ACCESS_MODE: 'open' }, /ACCESS_MODE: open is for a laptop/],
    [{ ACCESS_MODE: 'public' }, /ACCESS_MODE/],
    [{ ACCESS_MODE: 'bearer', ACCESS_ACCOUNTS: '12' }, /ACCESS_ACCOUNTS: an account is twelve digits/],
  ]
  for (const [environment, message] of rows) {
    test(`lets nobody in and says so: ${JSON.stringify(environment)}`, async () => {
      const front = await startFront({ environment })
      const seen = await ask(front.url, { model: 'hi' })
      assert.equal(seen.status, 500)
      assert.match(errorOf(seen).message, message)
      assert.equal((await fetch(`${front.url}/health`)).status, 200)
      await front.close()
    })
  }
})
