import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sentSecrets, withoutSecrets } from '../../lambda/upstream/sent-secrets.ts'

test('what proves who asks is a secret, in headers, query and user part, and nothing else is', () => {
  const secrets = sentSecrets(
    {
      authorization: 'Bearer first-secret',
      'api-key': 'second-secret',
      'x-team-token': 'third-secret',
      'x-team': 'platform',
      'content-type': 'application/json',
      'x-key': 'short',
    },
    new URL('https://me:fourth-secret@example.com/v1?key=fifth-secret&api-version=2026-11-01'),
  )
  assert.deepEqual(secrets.sort(), [
    'fifth-secret',
    'first-secret',
    'fourth-secret',
    'second-secret',
    'third-secret',
  ])
})

test('every place of a secret is cleaned, and other bytes stay as they are', () => {
  const clean = (text: string | Uint8Array) =>
    Buffer.from(withoutSecrets(Buffer.from(text), ['one+two', 'three']))
  assert.equal(clean('one+two and three, one+two').toString(), '[key] and [key], [key]')
  const broken = Uint8Array.of(0xff, 0xfe, 0x80)
  assert.deepEqual([...clean(broken)], [...broken])
})

test('a secret is found in the forms that texts quote it in', () => {
  const secret = 'key/with+signs="a"&b'
  const quoted = [
    secret,
    `https://example.com/v1?key=${encodeURIComponent(secret)}&a=1`,
    new URL(`https://example.com/?key=${encodeURIComponent(secret)}`).searchParams.toString(),
    JSON.stringify({ key: secret }),
    JSON.stringify({ key: secret }).replaceAll('/', '\\/'),
    `decoded from ${Buffer.from(secret).toString('base64')}`,
    Buffer.from(secret).toString('base64url'),
  ]
  for (const text of quoted) {
    const clean = Buffer.from(withoutSecrets(Buffer.from(text), [secret])).toString()
    assert.match(clean, /\[key\]/, text)
    assert.doesNotMatch(clean, /with|a2V5/, text)
  }
  assert.deepEqual(sentSecrets({}, new URL('https://me:p%40ss%2Fword@example.com/')), ['p@ss/word'])
  assert.deepEqual(sentSecrets({}, new URL('https://me:100%25%zz@example.com/')).length, 1)
})
