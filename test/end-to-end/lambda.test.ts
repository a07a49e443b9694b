import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { after, before, beforeEach, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { type DynamodbTable, startDynamodbTable } from '../harness/dynamodb-table.ts'
import {
  type LambdaFront,
  type LambdaFrontOptions,
  startLambdaFront,
} from '../harness/lambda-front/lambda-front.ts'
import {
  chunk,
  createGate,
  DONE,
  type ScriptedUpstream,
  startScriptedUpstream,
  textReply,
} from '../harness/scripted-upstream.ts'
import { type SecretsManagerEndpoint, startSecretsManager } from '../harness/secrets-manager-endpoint.ts'

/**
 * What only the function does: the deployed bundle under the real runtime client, with the map in a table and the keys
 * in a secret, both over the real AWS clients.
 */

const SECRET = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:ProviderKeys-AbCdEf'
const IAM = {
  accountId: '111122223333',
  userArn: 'arn:aws:sts::111122223333:assumed-role/Developers/ada',
  userId: 'AROAEXAMPLE:ada',
}

let upstream: ScriptedUpstream
let table: DynamodbTable
let secrets: SecretsManagerEndpoint

before(async () => {
  upstream = await startScriptedUpstream()
  table = await startDynamodbTable()
  secrets = await startSecretsManager({})
})
after(async () => {
  await upstream.close()
  await table.close()
  await secrets.close()
})
beforeEach(async () => {
  table.fault = 'none'
  secrets.fault = 'none'
  secrets.secrets.set(SECRET, JSON.stringify({ office: 'office-key' }))
  await table.put('provider', 'office', { type: 'openai', base_url: upstream.url })
  await table.put('model', 'glm', { target: 'office/scripted-model', retries: { max_retries: 0 } })
})

async function withGateway(
  options: LambdaFrontOptions,
  work: (front: LambdaFront) => Promise<void>,
): Promise<void> {
  const front = await startLambdaFront({
    iam: IAM,
    ...options,
    environment: {
      ACCESS_MODE: 'iam',
      MODEL_TABLE: table.table,
      PROVIDER_SECRET_ARN: SECRET,
      AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.endpoint,
      ...options.environment,
    },
  })
  try {
    await work(front)
  } finally {
    await front.close()
  }
}

function toBody(content: string, stream = true): string {
  return JSON.stringify({ model: 'glm', max_tokens: 100, stream, messages: [{ role: 'user', content }] })
}

function ask(
  front: LambdaFront,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${front.url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', ...headers },
    body,
  })
}

async function refusal(response: Response): Promise<{ status: number; type: string; message: string }> {
  const { error } = (await response.json()) as { error: { type: string; message: string } }
  return { status: response.status, ...error }
}

describe('a cold start', () => {
  test('reads the map and the keys before the first turn, and answers it', () =>
    withGateway({}, async (front) => {
      upstream.next(textReply('Good ', 'morning.'))
      const text = await (await ask(front, toBody('Hello?'))).text()
      assert.match(text, /Good /)
      assert.match(text, /event: message_stop/)
      assert.equal(upstream.requests.at(-1)?.headers['authorization'], 'Bearer office-key')
      assert.match(front.output(), /"caller":"arn:aws:sts::111122223333:assumed-role\/Developers\/ada"/)
    }))

  test('without a table answers with what is wrong, and recovers without another start', () =>
    withGateway({ maxConcurrency: 1 }, async (front) => {
      table.fault = 'denied'
      const refused = await refusal(await ask(front, toBody('Hello?')))
      assert.deepEqual([refused.status, refused.type], [500, 'api_error'])
      assert.match(refused.message, /messages-lambda doctor/)
      table.fault = 'none'
      const [{ pid } = {}] = front.processes()
      let response = await ask(front, toBody('Hello?'))
      while (response.status !== 200) {
        upstream.next(textReply('Good morning.'))
        response = await ask(front, toBody('Hello?'))
      }
      assert.match(await response.text(), /Good morning\./)
      assert.deepEqual(
        front.processes().map((each) => each.pid),
        [pid],
      )
    }))

  test('without a key says which command sets it, and never what other keys there are', () =>
    withGateway({}, async (front) => {
      secrets.secrets.set(SECRET, '{"other":"other-key"}')
      const { status, message } = await refusal(await ask(front, toBody('Hello?')))
      assert.equal(status, 500)
      assert.match(message, /messages-lambda keys set office/)
      assert.doesNotMatch(message + front.output(), /other-key/)
    }))

  test('needs no configuration for the small paths', () =>
    withGateway({ environment: { MODEL_TABLE: 'NotThere' } }, async (front) => {
      assert.equal((await fetch(`${front.url}/api/hello`, { method: 'HEAD' })).status, 200)
      assert.equal((await fetch(`${front.url}/health`)).status, 200)
    }))
})

describe('a request to the function', () => {
  test('may be compressed, so that more than 6 MB of history fit', () =>
    withGateway({}, async (front) => {
      upstream.next(textReply('Read.'))
      const long = 'All work and no play makes Jack a dull boy. '.repeat(200_000)
      const body = toBody(long, false)
      assert.ok(body.length > 8 * 1024 * 1024)
      assert.equal((await ask(front, body)).status, 413)
      const response = await ask(front, gzipSync(body), { 'content-encoding': 'gzip' })
      assert.equal(response.status, 200)
      assert.ok((upstream.requests.at(-1)?.body.length ?? 0) > 8 * 1024 * 1024)
    }))

  test('that AWS has not verified is refused, should it ever arrive', () =>
    withGateway({ iam: undefined }, async (front) => {
      const { status, type } = await refusal(await ask(front, toBody('Hello?')))
      assert.ok(status === 401 || status === 403, String(status))
      assert.match(type, /^(authentication|permission)_error$/)
    }))

  test('finds its provider again after the process was frozen', () =>
    withGateway({ maxConcurrency: 1 }, async (front) => {
      for (const answer of ['one', 'two', 'three']) {
        upstream.next(textReply(answer))
        assert.match(await (await ask(front, toBody('Hello?'))).text(), new RegExp(answer))
        while (front.processes().some(({ state }) => state !== 'idle')) await sleep(5)
      }
      assert.deepEqual(
        front.processes().map(({ invocations }) => invocations),
        [3],
      )
    }))
})

describe('a stream of the function', () => {
  test('runs in a process of its own, and never carries words of another', () =>
    withGateway({}, async (front) => {
      const gates = ['ada', 'ben', 'eve'].map((name) => ({ name, gate: createGate() }))
      const answers: Promise<string>[] = []
      for (const { name, gate } of gates) {
        upstream.next({
          steps: [
            chunk({ content: `begin-${name} ` }),
            gate,
            chunk({ content: `end-${name}` }),
            chunk({}, 'stop'),
            DONE,
          ],
        })
        answers.push(ask(front, toBody(name)).then((response) => response.text()))
        await gate.reached
      }
      assert.equal(new Set(front.processes().map(({ pid }) => pid)).size, 3)
      for (const { gate } of gates.toReversed()) gate.open()
      for (const [index, text] of (await Promise.all(answers)).entries()) {
        for (const { name } of gates) assert.equal(text.includes(`end-${name}`), name === gates[index]?.name)
      }
    }))

  test('takes from the provider only what its caller reads', () =>
    withGateway({}, async (front) => {
      const words = 'word '.repeat(20_000)
      const count = 1000
      const total = count * words.length
      const steps = Array.from({ length: count }, (_, index) => chunk({ content: `${index} ${words}` }))
      upstream.next({ steps: [...steps, chunk({}, 'stop'), DONE] })
      const before = upstream.requests.length
      const asked = request(`${front.url}/v1/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
      })
      asked.end(toBody('Hello?'))
      const [response] = (await once(asked, 'response')) as [IncomingMessage]
      const provider = await upstream.request(before)
      let taken = -1
      while (taken !== provider.bytesWritten()) {
        taken = provider.bytesWritten()
        await sleep(500)
      }
      // What the buffers of all the sockets on the way hold is taken, then nothing more.
      assert.ok(taken < total / 2, `${taken} of ${total} bytes were taken`)
      let received = 0
      for await (const part of response) received += part.length
      assert.ok(received > total, `${received} bytes arrived`)
    }))

  test('ends with an error event, and not with a cut, when the time of the function is over', () =>
    withGateway({ timeoutMilliseconds: 5000 }, async (front) => {
      const gate = createGate()
      upstream.next({ steps: [chunk({ content: 'begin' }), gate] })
      const text = await (await ask(front, toBody('Hello?'))).text()
      gate.open()
      assert.match(text, /begin/)
      assert.match(text, /event: error\ndata: .*"type":"timeout_error"/)
    }))

  test('is logged when its caller takes nothing until the time is over', () =>
    withGateway({ timeoutMilliseconds: 6000 }, async (front) => {
      const words = 'word '.repeat(20_000)
      const steps = Array.from({ length: 1000 }, (_, index) => chunk({ content: `${index} ${words}` }))
      const before = upstream.requests.length
      upstream.next({ steps: [...steps, chunk({}, 'stop'), DONE] })
      const asked = request(`${front.url}/v1/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
      })
      asked.end(toBody('Hello?'))
      const [response] = (await once(asked, 'response')) as [IncomingMessage]
      response.on('error', () => {})
      assert.equal(await (await upstream.request(before)).over, 'left')
      while (front.processes().length > 0) await sleep(50)
      assert.match(front.output(), /"message":"turn".*"alias":"glm"/)
      response.destroy()
    }))
})
