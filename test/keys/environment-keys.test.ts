import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { environmentKeys } from '../../lambda/keys/environment-keys.ts'

describe('keys in environment variables', () => {
  const keys = environmentKeys({ OFFICE_KEY: ' k-1\n', EMPTY: ' ' })

  test('are found by env:NAME, without the line break of pasting', async () => {
    assert.equal(await keys.get('env:OFFICE_KEY'), 'k-1')
    assert.equal(await keys.get('none'), '')
  })

  test('that are missing or empty say which variable to set', async () => {
    for (const name of ['NOT_SET', 'EMPTY', 'toString']) {
      await assert.rejects(keys.get(`env:${name}`), {
        kind: 'misconfigured',
        message: new RegExp(`variable ${name} `),
      })
    }
  })

  test('know nothing of secrets, and say so', async () => {
    await assert.rejects(keys.get('secret:#office'), { kind: 'misconfigured', message: /env:NAME/ })
  })

  test('cannot be refreshed, which is no error', async () => {
    await keys.refresh('env:OFFICE_KEY')
  })
})
