import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { setImmediate as nextTick } from 'node:timers/promises'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { GatewayError } from '../../lambda/errors.ts'
import { createAwsKeys } from '../../lambda/keys/aws-keys.ts'
import type { ProviderKeys } from '../../lambda/keys/provider-keys.ts'
import { recordedLog } from '../harness/recorded-log.ts'
import {
  type SecretFault,
  type SecretsManagerEndpoint,
  startSecretsManager,
} from '../harness/secrets-manager-endpoint.ts'

const OWN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:ProviderKeys-AbCdEf'
const TEAM = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:team-GhIjKl'

describe('provider keys in Secrets Manager', () => {
  let endpoint: SecretsManagerEndpoint
  let log: ReturnType<typeof recordedLog>
  let client: SecretsManagerClient
  let now = 0

  before(async () => {
    endpoint = await startSecretsManager({})
    client = new SecretsManagerClient({
      endpoint: endpoint.endpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'test' },
      maxAttempts: 1,
      requestHandler: { requestTimeout: 1500, throwOnRequestTimeout: true },
    })
  })
  after(async () => {
    client.destroy()
    await endpoint.close()
  })
  beforeEach(() => {
    endpoint.fault = 'none'
    endpoint.reads.clear()
    endpoint.secrets.clear()
    endpoint.secrets.set(OWN, JSON.stringify({ nvidia: 'nv-1', padded: ' pad-1\n', empty: '', number: 5 }))
    endpoint.secrets.set('team/keys', JSON.stringify({ kimi: 'k-1' }))
    endpoint.secrets.set('plain', 'plain-1\n')
    endpoint.secrets.set(TEAM, 'arn-1')
    log = recordedLog()
    now = 1_000_000
  })

  function open(variables: Record<string, string> = {}): ProviderKeys {
    return createAwsKeys({ secret: OWN, client, log, now: () => now, variables })
  }

  async function refusal(keys: ProviderKeys, reference: string): Promise<GatewayError> {
    try {
      await keys.get(reference)
    } catch (thrown) {
      assert.ok(thrown instanceof GatewayError)
      return thrown
    }
    return assert.fail('there is a key')
  }

  test('are found by every form of reference', async () => {
    const keys = open({ OWN_KEY: ' e-1 ' })
    const found = {
      'secret:#nvidia': 'nv-1',
      'secret:nvidia': 'nv-1',
      'secret:#padded': 'pad-1',
      'secret:team/keys#kimi': 'k-1',
      'secret:plain': 'plain-1',
      [`secret:${TEAM}`]: 'arn-1',
      'env:OWN_KEY': 'e-1',
      none: '',
    }
    for (const [reference, key] of Object.entries(found))
      assert.equal(await keys.get(reference), key, reference)
  })

  test('are read once for many turns, in INIT', async () => {
    const keys = open()
    await Promise.all(Array.from({ length: 500 }, () => keys.get('secret:#nvidia')))
    assert.equal(endpoint.reads.get(OWN), 1)
  })

  test('that are missing say which command sets them', async () => {
    const keys = open()
    for (const field of ['glm', 'empty', 'number', 'constructor']) {
      const { kind, message } = await refusal(keys, `secret:#${field}`)
      assert.equal(kind, 'misconfigured')
      assert.equal(
        message,
        `There is no key "${field}" yet. The operator sets it: messages-lambda keys set ${field}.`,
      )
    }
    assert.match((await refusal(keys, 'secret:glm')).message, /keys set glm/)
    assert.match((await refusal(keys, 'env:NOT_SET')).message, /set the environment variable NOT_SET/)
  })

  test('that have been set a moment ago are found at once', async () => {
    const keys = open()
    await refusal(keys, 'secret:#glm')
    endpoint.secrets.set(OWN, JSON.stringify({ glm: 'g-1' }))
    now += 6000
    assert.equal(await keys.get('secret:#glm'), 'g-1')
  })

  test('are read again at once after a 401, once for all who ask', async () => {
    const keys = open()
    await keys.get('secret:#nvidia')
    endpoint.secrets.set(OWN, JSON.stringify({ nvidia: 'nv-2' }))
    assert.equal(await keys.get('secret:#nvidia'), 'nv-1')
    await Promise.all(Array.from({ length: 50 }, () => keys.refresh('secret:#nvidia')))
    assert.equal(await keys.get('secret:#nvidia'), 'nv-2')
    assert.equal(endpoint.reads.get(OWN), 2)
  })

  test('are not read for every 401 of a key that is simply wrong', async () => {
    const keys = open()
    for (let turn = 0; turn < 20; turn += 1) await keys.refresh('secret:#nvidia')
    assert.ok((endpoint.reads.get(OWN) ?? 0) <= 2)
    now += 6000
    await keys.refresh('secret:#nvidia')
    assert.ok((endpoint.reads.get(OWN) ?? 0) <= 3)
  })

  test('are kept for five minutes', async () => {
    const keys = open()
    await keys.get('secret:#nvidia')
    endpoint.secrets.set(OWN, JSON.stringify({ nvidia: 'nv-2' }))
    now += 239_000
    assert.equal(await keys.get('secret:#nvidia'), 'nv-1')
    assert.equal(endpoint.reads.get(OWN), 1)
    now += 62_000
    assert.equal(await keys.get('secret:#nvidia'), 'nv-2')
  })

  for (const fault of ['throttled', 'denied', 'slow', 'garbage', 'server_error'] satisfies SecretFault[]) {
    test(`stay what they were when the secret is ${fault}, and recover`, async () => {
      const keys = open()
      await keys.get('secret:#nvidia')
      endpoint.fault = fault
      now += 301_000
      assert.equal(await keys.get('secret:#nvidia'), 'nv-1')
      await keys.refresh('secret:#nvidia')
      assert.equal(await keys.get('secret:#nvidia'), 'nv-1')
      assert.ok(log.at('error').length >= 1)
      endpoint.fault = 'none'
      endpoint.secrets.set(OWN, JSON.stringify({ nvidia: 'nv-3' }))
      now += 301_000
      while ((await keys.get('secret:#nvidia')) !== 'nv-3') await nextTick()
    })
  }

  test('survive that the secret is damaged, and no part of it reaches the log', async () => {
    const keys = open()
    await keys.get('secret:#nvidia')
    endpoint.secrets.set(OWN, '{"nvidia": "nv-secret-half')
    now += 301_000
    assert.equal(await keys.get('secret:#nvidia'), 'nv-1')
    assert.ok(!JSON.stringify(log.lines).includes('half'))
    assert.ok(!JSON.stringify(log.lines).includes('123456789012'))
  })

  test('that could never be read say whose turn it is, and are read again by the next turn', async () => {
    endpoint.fault = 'denied'
    const denied = open()
    assert.equal((await refusal(denied, 'secret:#nvidia')).kind, 'misconfigured')
    endpoint.fault = 'throttled'
    const throttled = open()
    assert.equal((await refusal(throttled, 'secret:#nvidia')).kind, 'overloaded')
    endpoint.fault = 'none'
    assert.equal(await denied.get('secret:#nvidia'), 'nv-1')
    assert.equal(await throttled.get('secret:#nvidia'), 'nv-1')
  })

  test('refuse what is no reference', async () => {
    for (const reference of ['secret:', 'secret:#', 'sk-123', 'secret:a#b c']) {
      const { kind, message } = await refusal(open(), reference)
      assert.equal(kind, 'misconfigured')
      assert.ok(!message.includes('sk-123'))
    }
  })
})
