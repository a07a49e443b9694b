import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { setImmediate as nextTick } from 'node:timers/promises'
import { GatewayError } from '../../lambda/errors.ts'
import { createDynamodbMap, type DynamodbMap } from '../../lambda/map/dynamodb-map.ts'
import type { ModelMap } from '../../lambda/map/model-map.ts'
import { type DynamodbTable, startDynamodbTable, type TableFault } from '../harness/dynamodb-table.ts'
import { recordedLog } from '../harness/recorded-log.ts'

const MODEL = { target: 'office/one', context_window: 1000, max_output_tokens: 10 }

describe('the model map in DynamoDB', () => {
  let table: DynamodbTable
  let log: ReturnType<typeof recordedLog>
  let now = 0

  before(async () => {
    table = await startDynamodbTable()
  })
  after(() => table.close())
  beforeEach(async () => {
    table.fault = 'none'
    log = recordedLog()
    now = 1_000_000
    await table.put('provider', 'office', { base_url: 'http://10.0.0.5/v1' })
    await table.put('model', 'glm', MODEL)
    await table.put('setting', 'tiers', { haiku: 'glm' })
    await table.put('setting', 'default_model', 'glm')
  })

  function open(client = table.client): DynamodbMap {
    return createDynamodbMap({ table: table.table, client, log, now: () => now, variables: {} })
  }

  /** Asks until the map says what is expected: a background reading has no moment of its own. */
  async function eventually(map: DynamodbMap, expected: (map: ModelMap) => boolean): Promise<void> {
    while (!expected(await map.current())) await nextTick()
  }

  async function refusal(map: DynamodbMap): Promise<GatewayError> {
    try {
      await map.current()
    } catch (thrown) {
      assert.ok(thrown instanceof GatewayError)
      return thrown
    }
    return assert.fail('there is a map')
  }

  test('is read at once, whole, and resolves', async () => {
    const current = await open().current()
    const { targets } = current.resolve('claude-haiku-5')
    assert.equal(targets[0].url, 'http://10.0.0.5/v1/chat/completions')
    assert.equal(targets[0].key, 'secret:#office')
    assert.equal(current.resolve('anything').entry, 'glm')
  })

  test('is empty before the operator has added anything', async () => {
    const empty = await startDynamodbTable('Empty')
    const map = createDynamodbMap({ table: 'Empty', client: empty.client, log })
    assert.deepEqual((await map.current()).aliases, [])
    await empty.close()
  })

  test('is read again behind a turn once the copy is older than 30 seconds', async () => {
    const map = open()
    const first = await map.current()
    await table.put('model', 'glm', { ...MODEL, target: 'office/two' }, 2)
    now += 29_000
    assert.equal(await map.current(), first)
    now += 2000
    assert.equal(await map.current(), first, 'the turn that starts the reading does not wait for it')
    await eventually(map, (current) => current.resolve('glm').targets[0].model === 'two')
    assert.equal(first.resolve('glm').targets[0].model, 'one', 'a turn that has begun keeps its state')
  })

  test('is waited for by the first turn after a long sleep', async () => {
    const map = open()
    await map.current()
    await table.put('model', 'glm', { ...MODEL, target: 'office/three' }, 2)
    now += 3_600_000
    assert.equal((await map.current()).resolve('glm').targets[0].model, 'three')
  })

  test('stays the same object while the rows stay the same', async () => {
    const map = open()
    const first = await map.current()
    now += 3_600_000
    assert.equal(await map.current(), first)
  })

  test('reads every page of a large map', async () => {
    const filler = 'x'.repeat(300_000)
    for (let number = 0; number < 8; number += 1) {
      await table.put('model', `large-${number}`, { ...MODEL, description: filler })
    }
    const { aliases } = await open().current()
    assert.equal(aliases.filter((alias) => alias.startsWith('large-')).length, 8)
    for (let number = 0; number < 8; number += 1) await table.put('model', `large-${number}`, MODEL)
  })

  for (const fault of ['throttled', 'denied', 'slow', 'garbage', 'server_error'] satisfies TableFault[]) {
    test(`goes on with the last good copy when the table is ${fault}, says so, and recovers`, async () => {
      const map = open(table.hastyClient())
      const first = await map.current()
      table.fault = fault
      now += 3_600_000
      assert.equal(await map.current(), first)
      assert.equal(log.at('error').length, 1)
      assert.equal(log.at('error')[0]?.fields['serving_copy_of_seconds'], 3600)
      const asked = table.requests()
      await map.current()
      assert.equal(table.requests(), asked, 'no turn asks again at once')
      table.fault = 'none'
      await table.put('model', 'glm', { ...MODEL, target: `office/after-${fault}` }, 2)
      now += 31_000
      await eventually(map, (current) => current.resolve('glm').targets[0].model === `after-${fault}`)
    })
  }

  test('answers with what to do when it was never read, and reads again at the next turn', async () => {
    const kinds: [TableFault, string][] = [
      ['denied', 'misconfigured'],
      ['throttled', 'overloaded'],
      ['garbage', 'overloaded'],
    ]
    for (const [fault, kind] of kinds) {
      table.fault = fault
      const map = open(table.hastyClient())
      const { kind: found, message } = await refusal(map)
      assert.equal(found, kind)
      assert.match(message, /model map/)
      table.fault = 'none'
      assert.deepEqual((await map.current()).resolve('glm').entry, 'glm')
    }
  })

  test('says so when there is no such table', async () => {
    const map = createDynamodbMap({ table: 'Nowhere', client: table.client, log })
    assert.equal((await refusal(map)).kind, 'misconfigured')
    assert.match(String(log.at('error')[0]?.fields['reason']), /ResourceNotFoundException/)
  })

  test('survives that its table is deleted', async () => {
    const other = await startDynamodbTable('Deleted')
    await other.put('provider', 'office', { base_url: 'http://a/v1' })
    await other.put('model', 'glm', MODEL)
    const map = createDynamodbMap({ table: 'Deleted', client: other.client, log, now: () => now })
    const first = await map.current()
    await other.deleteTable()
    now += 3_600_000
    assert.equal(await map.current(), first)
    await other.close()
  })

  test('sets broken entries aside and lets the rest work', async () => {
    await table.putText('model', 'no-json', '{nonsense')
    await table.put('model', 'no-target', {})
    await table.put('model', 'no-provider', { target: 'nvida/x' })
    await table.put('provider', 'broken', { base_url: 'here' })
    await table.put('model', 'on-broken', { target: 'broken/x' })
    await table.put('model', 'spare-broken', {
      target: 'office/x',
      fallbacks: ['broken/y', 'nowhere/z', 'office/w'],
    })
    const map = await open().current()
    const messageOf = (alias: string) => {
      try {
        map.resolve(alias)
        return 'works'
      } catch (thrown) {
        assert.ok(thrown instanceof GatewayError && thrown.kind === 'misconfigured')
        return thrown.message
      }
    }
    assert.match(messageOf('no-json'), /"no-json" is broken: is missing \(object\)/)
    assert.match(messageOf('no-target'), /"no-target" is broken: needs target/)
    assert.match(messageOf('no-provider'), /unknown provider "nvida"; did you mean "nvidia"\?/)
    assert.match(messageOf('on-broken'), /provider "broken" is broken: base_url: must be a URL/)
    assert.deepEqual(
      map.resolve('spare-broken').targets.map(({ model }) => model),
      ['x', 'w'],
    )
    assert.equal(messageOf('glm'), 'works')
    assert.equal(log.at('error').length, 1, 'told once')
    for (const alias of ['no-json', 'no-target', 'no-provider', 'on-broken', 'spare-broken'])
      await table.put('model', alias, MODEL)
    await table.put('provider', 'broken', { base_url: 'http://mended/v1' })
  })

  test('never opens what a broken access rule was meant to close', async () => {
    await table.put('setting', 'callers', [{ match: '*', models: ['glm'] }, { match: 5 }])
    assert.deepEqual((await open().current()).configuration.callers, [{ match: '*', models: ['glm'] }])
    await table.putText('setting', 'callers', '{nonsense')
    assert.deepEqual((await open().current()).configuration.callers, [])
    await table.put('setting', 'callers', [{ match: '*', models: ['*'] }])
  })

  test('brings the issued API keys along, without the broken ones', async () => {
    const key = { salt: '0'.repeat(32), hash: '1'.repeat(64), created_at: '2026-11-20T00:00:00Z' }
    await table.put('caller', 'build', key)
    await table.put('caller', 'broken', { salt: 'x' })
    assert.deepEqual(await open().keyRecords(), [{ name: 'build', ...key }])
  })

  test('lets no API key in that was removed more than half a minute ago, whoever asked in between', async () => {
    const key = { salt: '0'.repeat(32), hash: '1'.repeat(64), created_at: '2026-11-20T00:00:00Z' }
    await table.put('caller', 'gone', key)
    const map = open(table.hastyClient())
    const names = async () => (await map.keyRecords()).map(({ name }) => name)
    assert.ok((await names()).includes('gone'))
    await table.putText('caller', 'gone', 'removed', 2)
    now += 31_000
    assert.ok(!(await names()).includes('gone'))
    table.fault = 'slow'
    now += 31_000
    assert.ok((await names()).includes('build'), 'a table in trouble keeps nobody out')
  })

  test('gives 500 turns at once the old or the new entry, whole, while an operator changes it', async () => {
    const map = open()
    await map.current()
    const versions = Array.from({ length: 6 }, (_, number) => ({
      target: `office/model-${number}`,
      context_window: 1000 + number,
      max_output_tokens: 10 + number,
      parameters: { temperature: number / 10 },
    }))
    const seen = new Set<number>()
    const turn = async () => {
      const [target] = (await map.current()).resolve('glm').targets
      const number = (target.contextWindow ?? 0) - 1000
      if (target.model === 'one') return
      assert.deepEqual(
        [target.model, target.maxOutputTokens, target.parameters],
        [`model-${number}`, 10 + number, { temperature: number / 10 }],
      )
      seen.add(number)
    }
    for (const [number, entry] of versions.entries()) {
      now += 31_000
      await Promise.all([table.put('model', 'glm', entry, number + 2), ...Array.from({ length: 500 }, turn)])
    }
    now += 31_000
    await eventually(map, (current) => current.resolve('glm').targets[0].model === 'model-5')
    await turn()
    assert.ok(seen.has(5))
  })
})
