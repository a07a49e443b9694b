import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createAuthenticate } from '../../lambda/access/authenticate.ts'
import { issueCallerKey } from '../../lambda/access/caller-key.ts'
import { refused, requestWith } from './request.ts'

const NOBODY = { audience: 'messages-lambda', accounts: [], principals: [], regions: [], issuers: [] }

describe('iam mode', () => {
  const authenticate = createAuthenticate({ mode: 'iam' })

  test('takes the caller from what AWS has verified', async () => {
    const userArn = 'arn:aws:sts::111122223333:assumed-role/Dev/alice'
    const caller = await authenticate(
      requestWith({}, { accountId: '111122223333', userArn, userId: 'AROA:alice' }),
    )
    assert.deepEqual(caller, { id: userArn, kind: 'iam', account: '111122223333', arn: userArn })
  })

  test('refuses a request that AWS has not vouched for, whatever its headers say', async () => {
    const error = await refused(authenticate(requestWith({ authorization: 'Bearer x', 'x-api-key': 'x' })))
    assert.equal(error.status, 401)
    assert.match(error.message, /AWS_IAM/)
  })
})

describe('open mode', () => {
  test('without a key lets the local user in, whatever the client sends', async () => {
    const authenticate = createAuthenticate({ mode: 'open' })
    assert.deepEqual(await authenticate(requestWith({ authorization: 'Bearer dummy' })), {
      id: 'local',
      kind: 'local',
    })
  })

  test('with a key wants that key, in either header', async () => {
    const authenticate = createAuthenticate({ mode: 'open', key: 'a key, with: any signs' })
    const right: Record<string, string>[] = [
      { authorization: 'Bearer a key, with: any signs' },
      { authorization: 'bearer a key, with: any signs' },
      { 'x-api-key': 'a key, with: any signs' },
    ]
    for (const headers of right) {
      assert.equal((await authenticate(requestWith(headers))).id, 'local')
    }
    const wrong: Record<string, string>[] = [
      {},
      { authorization: 'Bearer a key' },
      { authorization: 'Basic abc' },
      { 'x-api-key': '' },
    ]
    for (const headers of wrong) {
      assert.equal((await refused(authenticate(requestWith(headers)))).status, 401)
    }
  })
})

describe('an API key', () => {
  const { key, record } = issueCallerKey('ci', new Date('2026-11-20T12:00:00Z'))
  const other = issueCallerKey('other', new Date())
  const authenticate = createAuthenticate({
    mode: 'bearer',
    ...NOBODY,
    keyRecords: async () => [other.record, record],
  })

  test('lets its holder in, from either header', async () => {
    const expected = { id: 'key:ci', kind: 'key' }
    assert.deepEqual(await authenticate(requestWith({ authorization: `Bearer ${key}` })), expected)
    assert.deepEqual(await authenticate(requestWith({ 'x-api-key': key })), expected)
    assert.deepEqual(
      await authenticate(requestWith({ authorization: `Bearer ${key}`, 'x-api-key': key })),
      expected,
    )
  })

  test('is stored as a salted hash from which it cannot be read', () => {
    assert.ok(!JSON.stringify(record).includes(key.slice(8)))
    assert.notEqual(record.hash, issueCallerKey('ci', new Date()).record.hash)
    assert.deepEqual(Object.keys(record).sort(), ['created_at', 'hash', 'name', 'salt'])
  })

  const secret = key.slice('mlk_ci_'.length)
  const hostile: [what: string, credential: string][] = [
    ['a key whose last sign differs', `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`],
    ['the secret of one key under the name of another', `mlk_other_${secret}`],
    ['a name that does not exist', `mlk_nobody_${secret}`],
    ['a key that is cut off', key.slice(0, -1)],
    ['a key with something behind it', `${key}x`],
    ['two keys', `${key}, Bearer ${key}`],
    ['a name that objects have by nature', `mlk_constructor_${secret}`],
    ['an empty secret', 'mlk_ci_'],
    ['the stored hash instead of the key', `mlk_ci_${record.hash.slice(0, 43)}`],
    ['something that is no credential of ours', 'sk-ant-api03-0000'],
  ]
  for (const [what, credential] of hostile) {
    test(`refuses ${what}, without repeating it`, async () => {
      const error = await refused(authenticate(requestWith({ 'x-api-key': credential })))
      assert.equal(error.status, 401)
      assert.equal(error.type, 'authentication_error')
      assert.ok(!error.message.includes(credential))
    })
  }

  test('does not help when a wrong bearer stands beside it', async () => {
    const error = await refused(
      authenticate(requestWith({ authorization: 'Bearer wrong', 'x-api-key': key })),
    )
    assert.equal(error.status, 401)
  })

  test('counts alone when the other header holds something else than a bearer', async () => {
    const caller = await authenticate(requestWith({ authorization: 'Basic dXNlcjpwYXNz', 'x-api-key': key }))
    assert.equal(caller.id, 'key:ci')
  })

  test('is refused for good when it was fixed, and may be renewed when an apiKeyHelper sent it', async () => {
    const wrong = other.key.replace('other', 'gone')
    assert.equal((await refused(authenticate(requestWith({ 'x-api-key': wrong })))).shouldRetry, false)
    assert.equal(
      (await refused(authenticate(requestWith({ authorization: `Bearer ${wrong}` })))).shouldRetry,
      false,
    )
    const helper = { authorization: `Bearer ${wrong}`, 'x-api-key': wrong }
    assert.equal((await refused(authenticate(requestWith(helper)))).shouldRetry, undefined)
  })

  test('stops working as soon as its record is gone', async () => {
    let records = [record]
    const changing = createAuthenticate({ mode: 'bearer', ...NOBODY, keyRecords: async () => records })
    await changing(requestWith({ 'x-api-key': key }))
    records = []
    assert.equal((await refused(changing(requestWith({ 'x-api-key': key })))).status, 401)
  })

  test('must have a name without surprises', () => {
    for (const name of ['', '-a', 'a_b', 'a b', 'a/b', 'x'.repeat(64)]) {
      assert.throws(() => issueCallerKey(name, new Date()), name)
    }
  })
})
