import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { bundleGateway } from '../../infra/bundle.ts'
import { type LambdaFront, type LambdaFrontOptions, startLambdaFront } from './lambda-front/lambda-front.ts'
import { createGate, startScriptedUpstream } from './scripted-upstream.ts'

/** The front itself, with a function made for the purpose (`lambda-front/example-handler.ts`). */

const folder = mkdtempSync(join(tmpdir(), 'lambda-front-'))
const bundle = join(folder, 'function', 'index.mjs')
before(() =>
  bundleGateway({ entry: join(import.meta.dirname, 'lambda-front', 'example-handler.ts'), file: bundle }),
)
after(() => rmSync(folder, { recursive: true, force: true }))

async function withFront(
  options: LambdaFrontOptions,
  work: (front: LambdaFront) => Promise<void>,
): Promise<void> {
  const front = await startLambdaFront({ bundle, ...options })
  try {
    await work(front)
  } finally {
    await front.close()
  }
}

/** Looks again and again; the test runner's own patience is the limit. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5)
}

/** Until the only environment waits for its next request. */
function idle(front: LambdaFront): Promise<void> {
  return until(() => front.processes().every(({ state }) => state === 'idle'))
}

describe('an event of the front', () => {
  test('has the form of a Function URL: payload 2.0', () =>
    withFront({}, async ({ url }) => {
      const response = await fetch(`${url}/echo?b=1&b=2&c=%20x`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'X-Mixed': 'Case', cookie: 'one=1; two=2' },
        body: '{"ä":1}',
      })
      const event = JSON.parse(await response.text())
      assert.equal(event.version, '2.0')
      assert.equal(event.rawPath, '/echo')
      assert.equal(event.rawQueryString, 'b=1&b=2&c=%20x')
      assert.deepEqual(event.queryStringParameters, { b: '1,2', c: ' x' })
      assert.deepEqual(event.cookies, ['one=1', 'two=2'])
      assert.equal(event.headers['x-mixed'], 'Case')
      assert.equal(event.headers.cookie, undefined)
      assert.equal(event.requestContext.http.method, 'POST')
      assert.equal(event.requestContext.authorizer, undefined)
      assert.deepEqual([event.body, event.isBase64Encoded], ['{"ä":1}', false])
    }))

  test('has base64 in place of everything that is not text', () =>
    withFront({}, async ({ url }) => {
      const bytes = Buffer.from([0, 255, 10, 128])
      for (const headers of [
        { 'content-type': 'application/octet-stream' },
        { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      ]) {
        const response = await fetch(`${url}/echo`, { method: 'POST', headers, body: bytes })
        const event = JSON.parse(await response.text())
        assert.deepEqual([event.body, event.isBase64Encoded], [bytes.toString('base64'), true])
      }
    }))

  test('says who has signed the request, when the URL asks for signatures', () => {
    const identity = {
      accountId: '111122223333',
      userArn: 'arn:aws:sts::111122223333:assumed-role/Developers/jane',
      userId: 'AROAEXAMPLE:jane',
      principalOrgId: 'o-a1b2c3d4e5',
    }
    const iam: LambdaFrontOptions['iam'] = ({ headers }) =>
      headers.authorization === undefined ? undefined : identity
    return withFront({ iam }, async ({ url }) => {
      const signed = await (await fetch(`${url}/echo`, { headers: { authorization: 'signed' } })).text()
      const { authorizer } = JSON.parse(signed).requestContext
      assert.equal(authorizer.iam.userArn, identity.userArn)
      assert.equal(authorizer.iam.principalOrgId, 'o-a1b2c3d4e5')
      assert.equal((await fetch(`${url}/echo`)).status, 403)
    })
  })
})

describe('an answer through the front', () => {
  test('has the status, the headers and the cookies of the prelude', () =>
    withFront({}, async ({ url }) => {
      const response = await fetch(`${url}/echo`)
      assert.equal(response.status, 201)
      assert.equal(response.headers.get('x-example'), 'yes')
      assert.deepEqual(response.headers.getSetCookie(), ['a=1', 'b=2; Path=/'])
    }))

  test('reaches the caller while the function is still waiting for the rest', () =>
    withFront({}, async ({ url }) => {
      const upstream = await startScriptedUpstream()
      const gate = createGate()
      upstream.next({ steps: ['first', gate, 'last'] })
      const response = await fetch(`${url}/relay?url=${encodeURIComponent(upstream.origin)}`)
      const parts: string[] = []
      for await (const part of response.body ?? []) {
        parts.push(new TextDecoder().decode(part))
        gate.open()
      }
      assert.deepEqual(parts, ['first', 'last'])
      await upstream.close()
    }))

  test('comes from a process of its own while another stream is open', () =>
    withFront({}, async (front) => {
      const upstream = await startScriptedUpstream()
      const gates = [createGate(), createGate(), createGate()]
      upstream.next(...gates.map((gate, index) => ({ steps: [`first ${index}`, gate, ` last ${index}`] })))
      const relay = `${front.url}/relay?url=${encodeURIComponent(upstream.origin)}`
      const bodies: string[] = []
      for (const gate of gates) {
        const response = await fetch(relay)
        bodies.push('')
        void response.text().then((text) => {
          bodies[gates.indexOf(gate)] = text
        })
        await gate.reached
      }
      const processes = front.processes()
      assert.deepEqual(
        processes.map(({ state }) => state),
        ['busy', 'busy', 'busy'],
      )
      assert.equal(new Set(processes.map(({ pid }) => pid)).size, 3)
      for (const gate of gates) gate.open()
      await until(() => bodies.every((body) => body.includes('last')))
      assert.deepEqual(bodies, ['first 0 last 0', 'first 1 last 1', 'first 2 last 2'])
      await upstream.close()
    }))

  test('comes from the same process when one request follows the other', () =>
    withFront({}, async (front) => {
      for (let turn = 0; turn < 3; turn += 1) await (await fetch(`${front.url}/echo`)).text()
      assert.deepEqual(
        front.processes().map(({ invocations }) => invocations),
        [3],
      )
      await front.recycle()
      await (await fetch(`${front.url}/echo`)).text()
      assert.deepEqual(
        front.processes().map(({ invocations }) => invocations),
        [1],
      )
    }))

  test('may be empty, and may come without a prelude', () =>
    withFront({}, async ({ url }) => {
      const empty = await fetch(`${url}/empty`)
      assert.deepEqual([empty.status, await empty.text()], [200, ''])
      const plain = await fetch(`${url}/plain`)
      assert.deepEqual([plain.status, await plain.text()], [200, 'no prelude'])
      assert.equal(plain.headers.get('content-type'), 'text/plain')
    }))

  test('is taken from the function only as fast as the caller reads', () =>
    withFront({}, async (front) => {
      const upstream = await startScriptedUpstream()
      const megabyte = 'x'.repeat(1024 * 1024)
      upstream.next({ steps: Array(64).fill(megabyte) })
      const [response] = (await once(
        get(`${front.url}/relay?url=${encodeURIComponent(upstream.origin)}`),
        'response',
      )) as [IncomingMessage]
      // Nobody reads. What the buffers of four sockets hold is taken, then nothing more.
      const request = await upstream.request()
      let taken = -1
      while (taken !== request.bytesWritten()) {
        taken = request.bytesWritten()
        await sleep(250)
      }
      assert.ok(taken < 32 * megabyte.length, `${taken} bytes were taken`)
      let received = 0
      for await (const part of response) received += part.length
      assert.equal(received, 64 * megabyte.length)
      await upstream.close()
    }))
})

describe('a function that fails', () => {
  test('before its first byte is a 502', () =>
    withFront({}, async (front) => {
      assert.equal((await fetch(`${front.url}/throw-before`)).status, 502)
      assert.match(front.output(), /before the first byte/)
      assert.equal((await fetch(`${front.url}/echo`)).status, 201, 'and serves the next request')
    }))

  test('after its first byte is a cut connection under its first status', () =>
    withFront({}, async (front) => {
      const response = await fetch(`${front.url}/throw-after`)
      assert.equal(response.status, 200)
      await assert.rejects(response.text())
    }))

  test('by ending without a first byte is a 502', () =>
    withFront({}, async ({ url }) => {
      assert.equal((await fetch(`${url}/nothing`)).status, 502)
    }))

  test('by ending its process is a cut connection, and another process takes its place', () =>
    withFront({}, async (front) => {
      await assert.rejects(fetch(`${front.url}/exit`).then((response) => response.text()))
      await (await fetch(`${front.url}/echo`)).text()
      assert.deepEqual(
        front.processes().map(({ invocations }) => invocations),
        [1],
      )
    }))

  test('while it initialises is a 502 each time', () =>
    withFront({ environment: { FAIL_INIT: '1' } }, async (front) => {
      for (let turn = 0; turn < 2; turn += 1) assert.equal((await fetch(`${front.url}/echo`)).status, 502)
      assert.match(front.output(), /the example fails while it initialises/)
    }))

  test('by not ending is killed at its deadline', () =>
    withFront({ timeoutMilliseconds: 500 }, async (front) => {
      assert.equal((await fetch(`${front.url}/hang`)).status, 502)
      await until(() => front.processes().length === 0)
    }))
})

describe('the limits of the front', () => {
  test('refuse an event of more than 6 MB, counted with its escapes and base64', () =>
    withFront({}, async (front) => {
      const post = (body: string, type: string) =>
        fetch(`${front.url}/empty`, { method: 'POST', body, headers: { 'content-type': type } })
      const fiveMegabytes = 'x'.repeat(5 * 1024 * 1024)
      assert.equal((await post(fiveMegabytes, 'text/plain')).status, 200)
      assert.equal((await post(fiveMegabytes, 'application/octet-stream')).status, 413)
      assert.equal((await post('"'.repeat(4 * 1024 * 1024), 'text/plain')).status, 413)
      assert.equal((await post('x'.repeat(7 * 1024 * 1024), 'text/plain')).status, 413)
    }))

  test('refuse more streams than there may be processes', () =>
    withFront({ maxConcurrency: 1 }, async (front) => {
      const upstream = await startScriptedUpstream()
      const gate = createGate()
      upstream.next({ steps: ['first', gate] })
      const open = await fetch(`${front.url}/relay?url=${encodeURIComponent(upstream.origin)}`)
      assert.equal((await fetch(`${front.url}/echo`)).status, 429)
      gate.open()
      await open.text()
      await idle(front)
      assert.equal((await fetch(`${front.url}/echo`)).status, 201)
      await upstream.close()
    }))

  test(
    'freeze the process between two requests',
    { skip: process.platform === 'win32' && 'Windows cannot' },
    () =>
      withFront({}, async (front) => {
        await (await fetch(`${front.url}/echo`)).text()
        await idle(front)
        const pid = String(front.processes()[0]?.pid)
        const stopped = () =>
          execFileSync('ps', ['-o', 'state=', '-p', pid], { encoding: 'utf8' }).startsWith('T')
        await until(stopped)
        await (await fetch(`${front.url}/echo`)).text()
        assert.equal(front.processes()[0]?.invocations, 2)
      }),
  )

  test('let a function run to its end when its caller has left', () =>
    withFront({}, async (front) => {
      const controller = new AbortController()
      await fetch(`${front.url}/large?kilobytes=20000`, { signal: controller.signal })
      controller.abort()
      await until(() => front.output().includes('all is written'))
    }))
})
