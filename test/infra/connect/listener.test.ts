import assert from 'node:assert/strict'
import { createCipheriv } from 'node:crypto'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { after, afterEach, before, describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { type Credentials, createCredentialSource } from '../../../infra/connect/aws-credentials.ts'
import { createNameIdentity } from '../../../infra/connect/caller-identity.ts'
import { TurnCanceller } from '../../../infra/connect/cancel-turn.ts'
import { type Listener, startListener } from '../../../infra/connect/listener.ts'
import { createSignedExchange } from '../../../infra/connect/signed-exchange.ts'
import { readBody } from '../../../lambda/request-body.ts'
import { ALICE, type AwsIdentity, MALLORY } from '../../harness/aws-identity.ts'
import { type FrontHandler, SignatureCheckingFront } from '../../harness/signature-checking-front.ts'
import { StsEndpoint } from '../../harness/sts-endpoint.ts'

let sts: StsEndpoint
before(async () => {
  sts = await StsEndpoint.start()
})
after(() => sts.close())

const running: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of running.splice(0).reverse()) await one.close()
})

interface Setting {
  readonly handler?: FrontHandler
  /** What the chain gives, one per time that it is opened; the last one again and again. */
  readonly credentials?: readonly Credentials[]
}

async function connected({ handler, credentials = [ALICE] }: Setting = {}) {
  const front = await SignatureCheckingFront.start({ handler })
  running.push(front)
  let opened = 0
  const gateway = new URL(front.url)
  const exchange = createSignedExchange(
    {
      url: gateway,
      region: 'eu-central-1',
      profile: 'work',
      credentials: createCredentialSource({
        openChain: async () => {
          const given = credentials[Math.min(opened, credentials.length - 1)] ?? ALICE
          opened += 1
          return async () => given
        },
      }),
      nameIdentity: createNameIdentity('eu-central-1', sts.endpoint),
    },
    {},
  )
  const canceller = new TurnCanceller(gateway, exchange)
  const listener = await startListener({ gateway, exchange, canceller })
  running.push(listener)
  return { front, listener }
}

function post(listener: Listener, body: string | Buffer = '{}', headers: Record<string, string> = {}) {
  return fetch(`${listener.url}/v1/messages?beta=true`, {
    method: 'POST',
    headers: { authorization: `Bearer ${listener.token}`, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  })
}

/** Asks until it is so; the test runner's own limit ends a wait that never does. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo()));
}

async function errorOf(answer: Response) {
  const body = (await answer.json()) as { type: string; error: { type: string; message: string } }
  assert.equal(body.type, 'error')
  return body.error
}

describe('the connector', () => {
  test('signs what a client sends, and hands status, headers and body through', async () => {
    const { front, listener } = await connected({
      handler: (request, response) => {
        response.writeHead(418, { 'request-id': 'req_1', 'x-team': 'blue' }).end(request.body)
      },
    })
    const answer = await post(listener, '{"a":1}', { 'anthropic-beta': 'x', 'x-api-key': listener.token })
    assert.equal(answer.status, 418)
    assert.equal(answer.headers.get('request-id'), 'req_1')
    assert.equal(answer.headers.get('x-team'), 'blue')
    assert.equal(await answer.text(), '{"a":1}')
    const [accepted] = front.accepted
    assert.equal(accepted?.identity, ALICE)
    assert.equal(accepted?.headers['anthropic-beta'], 'x')
    assert.equal(accepted?.query, 'beta=true')
  })

  test('never passes its own token on', async () => {
    const { front, listener } = await connected()
    await (await post(listener, '{}', { 'x-api-key': listener.token })).text()
    assert.ok(!JSON.stringify(front.accepted[0]?.headers).includes(listener.token))
  })

  test('streams: the client has the first byte before the gateway has written the last', async () => {
    const goOn = Promise.withResolvers<void>()
    const { listener } = await connected({
      handler: async (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream', 'request-id': 'req_1' }).write('first')
        await goOn.promise
        response.end('last')
      },
    })
    const answer = await post(listener)
    const reader = answer.body?.getReader()
    assert.equal(Buffer.from((await reader?.read())?.value ?? []).toString(), 'first')
    goOn.resolve()
    assert.equal(Buffer.from((await reader?.read())?.value ?? []).toString(), 'last')
  })

  test('hands the headers through before the first byte of the body', async () => {
    const goOn = Promise.withResolvers<void>()
    const { listener } = await connected({
      handler: async (_request, response) => {
        response.writeHead(200, { 'request-id': 'req_1' }).flushHeaders()
        await goOn.promise
        response.end()
      },
    })
    const answer = await post(listener)
    assert.equal(answer.status, 200)
    goOn.resolve()
    await answer.text()
  })

  test('passes the caller’s disconnect on, and tells a gateway that watches for it', async () => {
    const left = Promise.withResolvers<void>()
    const cancelled = Promise.withResolvers<string>()
    let turn: string | undefined
    const { listener } = await connected({
      handler: (request, response) => {
        if (request.method === 'DELETE') {
          cancelled.resolve(request.path)
          response.writeHead(200, { 'request-id': 'req_2' }).end('{"cancelled":true}')
          return
        }
        turn = request.headers['x-messages-lambda-turn']
        response.once('close', () => left.resolve())
        response.writeHead(200, { 'request-id': 'req_1' }).write('first')
      },
    })
    const client = httpRequest(`${listener.url}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': listener.token },
    })
    client.on('error', () => {})
    client.end('{}')
    const [answer] = (await once(client, 'response')) as [IncomingMessage]
    await once(answer, 'data')
    client.destroy()
    await left.promise
    assert.equal(await cancelled.promise, `/v1/turns/${turn}`)
  })

  test('stops naming turns when the gateway says that it does not watch for them', async () => {
    const told = Promise.withResolvers<void>()
    const { front, listener } = await connected({
      handler: (request, response) => {
        if (request.method === 'DELETE') {
          response.writeHead(200, { 'request-id': 'req_2' }).end('{"cancelled":false}', () => told.resolve())
          return
        }
        response.writeHead(200, { 'request-id': 'req_1' }).write('first')
        if (front.accepted.length > 1) response.end()
      },
    })
    const leaving = new AbortController()
    const answer = await fetch(`${listener.url}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': listener.token },
      body: '{}',
      signal: leaving.signal,
    })
    assert.equal(answer.status, 200)
    leaving.abort()
    await told.promise
    await until(async () => {
      await (await post(listener)).text()
      return front.accepted.at(-1)?.headers['x-messages-lambda-turn'] === undefined
    })
  })

  test('cuts the client off when the gateway is cut off, and ends nothing that looks whole', async () => {
    const { listener } = await connected({
      handler: (_request, response) => {
        response.writeHead(200, { 'request-id': 'req_1' }).write('half')
        setImmediate(() => response.destroy())
      },
    })
    await assert.rejects(async () => (await post(listener)).text())
  })
})

describe('a large request', () => {
  const history = JSON.stringify({ messages: ['the same words again and again. '.repeat(400_000)] })

  test('that Lambda would refuse goes through, compressed and undamaged', async () => {
    const { front, listener } = await connected()
    assert.ok(history.length > 12_000_000)
    assert.equal((await post(listener, history)).status, 200)
    const [accepted] = front.accepted
    assert.ok(accepted)
    assert.equal(accepted.headers['content-encoding'], 'gzip')
    assert.equal(gunzipSync(accepted.body).toString(), history)
    assert.equal(Buffer.from(await readBody(accepted)).toString(), history)
  })

  test('of a megabyte or less, or compressed by the client, is left as it is', async () => {
    const { front, listener } = await connected()
    await (await post(listener, '{"a":1}')).text()
    assert.equal(front.accepted[0]?.headers['content-encoding'], undefined)
    assert.equal(front.accepted[0]?.headers['content-type'], 'application/json')
    await (await post(listener, 'x'.repeat(1_500_000), { 'content-encoding': 'identity' })).text()
    assert.equal(front.accepted[1]?.body.length, 1_500_000)
  })

  test('that even compressed is too large for Lambda is a 413 that says what to do', async () => {
    const { listener } = await connected()
    // The key stream of a cipher: the same in every run, and nothing that gzip could shrink.
    const cipher = createCipheriv('aes-256-ctr', Buffer.alloc(32), Buffer.alloc(16))
    const noise = cipher.update(Buffer.alloc(7_000_000))
    const answer = await post(listener, noise)
    assert.equal(answer.status, 413)
    const error = await errorOf(answer)
    assert.equal(error.type, 'request_too_large')
    assert.match(error.message, /compact/)
  })

  test('above 32 MB is refused here, and the client learns why', async () => {
    const { front, listener } = await connected()
    for (let round = 0; round < 3; round += 1) {
      const answer = await post(listener, Buffer.alloc(40 * 1024 * 1024))
      assert.equal(answer.status, 413)
      assert.match((await errorOf(answer)).message, /compact/)
    }
    assert.equal(front.accepted.length, 0)
  })
})

describe('credentials', () => {
  const again: AwsIdentity = {
    ...ALICE,
    accessKeyId: 'ASIAEXAMPLEALICE0002',
    secretAccessKey: 'the next secret',
  }

  test('that AWS calls expired are renewed in mid-session, and the client notices nothing', async () => {
    const { front, listener } = await connected({ credentials: [ALICE, again] })
    front.identities.add(again)
    assert.equal((await post(listener)).status, 200)
    front.expired.add(ALICE.accessKeyId)
    const answers = await Promise.all([post(listener, '{"n":1}'), post(listener, '{"n":2}')])
    assert.deepEqual(
      answers.map((answer) => answer.status),
      [200, 200],
    )
    assert.deepEqual(
      front.accepted.map(({ identity }) => identity.accessKeyId),
      [ALICE, again, again].map(({ accessKeyId }) => accessKeyId),
    )
    assert.equal((await post(listener)).status, 200)
    assert.equal(front.refused.length, 2)
  })

  test('that stay expired are a 401 that names the command', async () => {
    const { front, listener } = await connected()
    front.expired.add(ALICE.accessKeyId)
    const answer = await post(listener)
    assert.equal(answer.status, 401)
    assert.equal(answer.headers.get('x-should-retry'), 'false')
    assert.match((await errorOf(answer)).message, /aws sso login --profile work/)
    assert.equal(front.refused.length, 2)
  })

  test('that AWS does not know are a 401', async () => {
    const { front, listener } = await connected()
    front.identities.delete(ALICE)
    const answer = await post(listener)
    assert.equal(answer.status, 401)
    assert.match((await errorOf(answer)).message, /does not know these credentials/)
  })

  test('without permission are a 403 that names the role, the URL and what is missing', async () => {
    const { front, listener } = await connected({ credentials: [MALLORY] })
    const answer = await post(listener)
    assert.equal(answer.status, 403)
    const error = await errorOf(answer)
    assert.equal(error.type, 'permission_error')
    for (const part of [MALLORY.arn, new URL(front.url).host, 'lambda:InvokeFunctionUrl', '--profile']) {
      assert.ok(error.message.includes(part), part)
    }
  })

  test('that cannot be found are a 401 before anything is sent', async () => {
    const front = await SignatureCheckingFront.start()
    running.push(front)
    const gateway = new URL(front.url)
    const missing = createCredentialSource({
      openChain: async () => async () => {
        throw new Error('Could not load credentials from any providers')
      },
    })
    const exchange = createSignedExchange(
      { url: gateway, region: 'eu-central-1', credentials: missing, nameIdentity: async () => undefined },
      {},
    )
    const listener = await startListener({ gateway, exchange })
    running.push(listener)
    const answer = await post(listener)
    assert.equal(answer.status, 401)
    assert.match((await errorOf(answer)).message, /no AWS credentials/)
    assert.equal(front.refused.length, 0)
  })
})

describe('the door of the connector', () => {
  test('is shut to everybody without its token', async () => {
    const { front, listener } = await connected()
    const wrong: Record<string, string>[] = [
      { authorization: '' },
      { authorization: 'Bearer wrong' },
      { authorization: `Bearer ${listener.token}x` },
      { authorization: 'Bearer wrong', 'x-api-key': listener.token },
    ]
    for (const headers of wrong) {
      const answer = await post(listener, '{}', headers)
      assert.equal(answer.status, 401)
      assert.equal((await errorOf(answer)).type, 'authentication_error')
    }
    assert.equal(front.accepted.length + front.refused.length, 0)
  })

  test('is on loopback, on a port of its own, with a token of its own', async () => {
    const [one, two] = [await connected(), await connected()]
    assert.match(one.listener.url, /^http:\/\/127\.0\.0\.1:\d+$/)
    assert.notEqual(one.listener.url, two.listener.url)
    assert.notEqual(one.listener.token, two.listener.token)
    assert.ok(one.listener.token.length >= 43)
  })

  test('answers the warm-up of Claude Code without waking the gateway', async () => {
    const { front, listener } = await connected()
    assert.equal((await fetch(`${listener.url}/api/hello`, { method: 'HEAD' })).status, 200)
    assert.equal(front.accepted.length + front.refused.length, 0)
  })
})

describe('a gateway that fails', () => {
  test('is a 502 in the envelope when it cannot be reached', async () => {
    const { front, listener } = await connected()
    await front.close()
    running.splice(running.indexOf(front), 1)
    const answer = await post(listener)
    assert.equal(answer.status, 502)
    assert.match((await errorOf(answer)).message, /could not be reached/)
  })

  const answers: [status: number, body: string, expectedType: string][] = [
    [429, '{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded"}', 'rate_limit_error'],
    [502, 'Internal Server Error', 'api_error'],
    [404, '{"Message":null}', 'not_found_error'],
  ]
  for (const [status, body, expectedType] of answers) {
    test(`with AWS's own ${status} is that status in the envelope`, async () => {
      const { listener } = await connected({
        handler: (_request, response) => void response.writeHead(status).end(body),
      })
      const answer = await post(listener)
      assert.equal(answer.status, status)
      assert.equal((await errorOf(answer)).type, expectedType)
    })
  }

  test("with an error of its own is passed on untouched, for it has the gateway's request id", async () => {
    const { listener } = await connected({
      handler: (_request, response) =>
        void response.writeHead(403, { 'request-id': 'req_9' }).end('{"type":"error","request_id":"req_9"}'),
    })
    const answer = await post(listener)
    assert.equal(answer.status, 403)
    assert.equal(await answer.text(), '{"type":"error","request_id":"req_9"}')
  })
})
