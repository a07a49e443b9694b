import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { createAuthenticate } from '../lambda/access/authenticate.ts'
import type { GatewayAnswer, GatewayRequest } from '../lambda/http.ts'
import { createLocalServer } from '../lambda/local-server.ts'
import { openOnLoopback } from './harness/loopback.ts'
import { recordedLog } from './harness/recorded-log.ts'

const KEY = 'a-key-of-some-length'

async function serverWith(
  context: TestContext,
  gateway: (request: GatewayRequest) => Promise<GatewayAnswer>,
) {
  const server = createLocalServer(gateway, recordedLog(), createAuthenticate({ mode: 'open', key: KEY }))
  const url = new URL(await openOnLoopback(server))
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { server, url }
}

test('the body of a stranger is not waited for; that of a caller is', async (context) => {
  const lengths: number[] = []
  const { url } = await serverWith(context, async ({ body }) => {
    lengths.push(body.length)
    return { status: lengths.length === 1 ? 401 : 200, headers: {}, body: 'answered' }
  })
  const stranger = connect(Number(url.port), url.hostname)
  stranger.write('POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 30000000\r\n\r\n{')
  const [bytes] = await once(stranger, 'data')
  assert.match(String(bytes), /^HTTP\/1\.1 401 /)
  stranger.destroy()
  const answer = await fetch(url, { method: 'POST', headers: { 'x-api-key': KEY }, body: 'five!' })
  assert.equal(await answer.text(), 'answered')
  assert.deepEqual(lengths, [0, 5])
})

test('a turn whose caller left before it was answered is ended, not forgotten', async (context) => {
  const ended = Promise.withResolvers<string>()
  const asked = Promise.withResolvers<void>()
  const { url } = await serverWith(context, async ({ signal }) => {
    asked.resolve()
    await once(signal, 'abort')
    const body = (async function* () {
      try {
        yield 'too late'
        ended.resolve('somebody read on')
      } finally {
        ended.resolve('ended')
      }
    })()
    return { status: 200, headers: {}, body }
  })
  const caller = connect(Number(url.port), url.hostname)
  caller.write(`POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: ${KEY}\r\ncontent-length: 2\r\n\r\n{}`)
  await asked.promise
  caller.destroy()
  assert.equal(await ended.promise, 'ended')
})

test('a request that does not arrive is given up, however slowly its bytes drip', async (context) => {
  const { server } = await serverWith(context, async () => ({ status: 200, headers: {}, body: '' }))
  assert.ok(server.requestTimeout > 0 && server.requestTimeout <= 300_000)
  assert.ok(server.headersTimeout > 0 && server.headersTimeout <= 60_000)
})

test('a body that is too large is a 413, and its sender reads it', async (context) => {
  const { url } = await serverWith(context, async () => ({ status: 200, headers: {}, body: 'answered' }))
  for (let round = 0; round < 3; round += 1) {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'x-api-key': KEY },
      body: new Uint8Array(40 * 1024 * 1024),
    })
    assert.equal(answer.status, 413)
    assert.match(await answer.text(), /"type":"request_too_large".*Compact/)
  }
  const endless = connect(Number(url.port), url.hostname)
  endless.on('error', () => {})
  endless.write(`POST / HTTP/1.1\r\nhost: x\r\nx-api-key: ${KEY}\r\ncontent-length: 99999999999\r\n\r\n{`)
  const [bytes] = await once(endless, 'data')
  assert.match(String(bytes), /^HTTP\/1\.1 413 /)
  endless.destroy()
})
