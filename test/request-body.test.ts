import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { GatewayError } from '../lambda/errors.ts'
import { MAX_BODY_BYTES, readBody } from '../lambda/request-body.ts'

const BODY = Buffer.from('{"model":"glm"}')

test('a body without an encoding is handed on as it is', async () => {
  assert.equal(await readBody({ headers: {}, body: BODY }), BODY)
})

for (const [encoding, encode] of [
  ['gzip', gzipSync],
  ['GZIP', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
] as const) {
  test(`a body in ${encoding} is unpacked`, async () => {
    const read = await readBody({ headers: { 'content-encoding': encoding }, body: encode(BODY) })
    assert.equal(Buffer.from(read).toString(), BODY.toString())
  })
}

const refused = async (headers: Record<string, string>, body: Uint8Array, kind: string) => {
  await assert.rejects(
    readBody({ headers, body }),
    (error) => error instanceof GatewayError && error.kind === kind && error.message.length > 20,
  )
}

test('a small body that unpacks to more than the limit is refused', async () => {
  const bomb = gzipSync(Buffer.alloc(MAX_BODY_BYTES + 1))
  assert.ok(bomb.length < 100_000)
  await refused({ 'content-encoding': 'gzip' }, bomb, 'request_too_large')
})

test('a body over the limit is refused', async () => {
  await refused({}, new Uint8Array(MAX_BODY_BYTES + 1), 'request_too_large')
})

test('data that is not in its encoding is refused', async () => {
  await refused({ 'content-encoding': 'gzip' }, BODY, 'invalid_request')
})

test('an encoding that nobody knows is refused, also when it is named like a property of objects', async () => {
  await refused({ 'content-encoding': 'constructor' }, BODY, 'invalid_request')
  await refused({ 'content-encoding': 'snappy' }, BODY, 'invalid_request')
})
