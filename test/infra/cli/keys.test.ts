import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { type DeployedStack, SECRET_ARN, startDeployedStack } from '../../harness/deployed-stack.ts'

describe('messages-lambda keys', () => {
  let stack: DeployedStack

  before(async () => {
    stack = await startDeployedStack()
    await stack.table.put('model', 'glm', { target: 'glm-coding/glm-5', fallbacks: ['nvidia/x', 'ollama/y'] })
    await stack.table.put('provider', 'office', { base_url: 'http://a/v1', key: 'env:OFFICE_KEY' })
    await stack.table.put('provider', 'elsewhere', { base_url: 'http://b/v1', key: 'secret:team#b' })
  })
  after(() => stack.close())
  beforeEach(() => stack.secrets.secrets.set(SECRET_ARN, JSON.stringify({ old: 'o-1' })))

  function keys(words: string[], stdin = '') {
    return stack.run(['keys', ...words], { stdin })
  }

  function secret(): Record<string, unknown> {
    return JSON.parse(stack.secrets.secrets.get(SECRET_ARN) ?? '')
  }

  test('set takes the key from standard input and keeps the others', async () => {
    const { code, out, notes } = await keys(['set', 'nvidia'], ' nv-1\n')
    assert.deepEqual([code, out], [0, ''])
    assert.match(notes, /key nvidia is added/)
    assert.deepEqual(secret(), { old: 'o-1', nvidia: 'nv-1' })
    assert.match((await keys(['set', 'nvidia'], 'nv-2')).notes, /is replaced/)
    assert.match((await keys(['set', 'nvidia'], 'nv-2')).notes, /this one already/)
  })

  test('set asks for the key on a terminal', async () => {
    await stack.run(['keys', 'set', 'nvidia'], { answer: 'nv-typed' })
    assert.equal(secret()['nvidia'], 'nv-typed')
  })

  test('set puts the key where its provider looks for it', async () => {
    await keys(['set', 'glm-coding'], 'g-1')
    assert.equal(secret()['glm'], 'g-1', 'glm and glm-coding are one account')
    await keys(['set', 'moonshot'], 'm-1')
    assert.equal(secret()['kimi'], 'm-1')
    await keys(['set', 'office'], 'off-1')
    assert.equal(secret()['office'], 'off-1')
    assert.match((await keys(['set', 'unheard-of'], 'u-1')).notes, /No provider of the model map uses it yet/)
  })

  test('no key is ever taken as an argument or printed', async () => {
    const refused = await keys(['set', 'nvidia', 'sk-argument'])
    assert.equal(refused.code, 1)
    assert.match(refused.notes, /never an argument/)
    const said: string[] = []
    for (const [words, stdin] of [
      [['set', 'nvidia'], 'sk-value'],
      [['set', 'nvidia'], 'sk-value'],
      [['list'], ''],
      [['list', '--json'], ''],
      [['remove', 'nvidia'], ''],
    ] as const) {
      const { out, notes } = await keys([...words], stdin)
      said.push(out, notes)
    }
    assert.ok(!said.join().includes('sk-value') && !refused.notes.includes('sk-argument'))
  })

  test('set refuses what can be no key', async () => {
    for (const text of ['', '  \n', 'two words', 'half\nof a file', 'kéy']) {
      const { code, notes } = await keys(['set', 'nvidia'], text)
      assert.equal(code, 1, JSON.stringify(text))
      assert.match(notes, /No key came|This is no key/)
    }
    assert.deepEqual(secret(), { old: 'o-1' })
  })

  test('a JSON document, as of a service account, is a key', async () => {
    await keys(['set', 'vertex'], '{\n  "type": "service_account"\n}\n')
    assert.equal(secret()['vertex'], '{\n  "type": "service_account"\n}')
  })

  test('list says what is set, what is missing, and who uses it', async () => {
    const { out } = await keys(['list'])
    assert.deepEqual(
      out.split('\n').map((line) => line.replace(/ +/g, ' ')),
      [
        'glm MISSING used by glm-coding',
        'nvidia MISSING used by nvidia',
        'office MISSING used by office',
        'old set not used by any provider',
      ],
    )
    const { keys: rows } = JSON.parse((await keys(['list', '--json'])).out)
    assert.deepEqual(rows[3], { name: 'old', set: true, used_by: [] })
  })

  test('remove takes one key out and says who still needs it', async () => {
    await keys(['set', 'nvidia'], 'nv-1')
    const { code, notes } = await keys(['remove', 'nvidia'])
    assert.equal(code, 0)
    assert.match(notes, /Still needed by: nvidia/)
    assert.deepEqual(secret(), { old: 'o-1' })
    assert.match((await keys(['remove', 'nvidia'])).notes, /There is no key nvidia/)
  })

  test('two operators at once lose no key', async () => {
    const names = Array.from({ length: 4 }, (_, number) => `provider-${number}`)
    const results = await Promise.all(names.map((name) => keys(['set', name], `key-of-${name}`)))
    for (const [index, name] of names.entries()) {
      if (results[index]?.code === 0) assert.equal(secret()[name], `key-of-${name}`)
      else assert.match(results[index]?.notes ?? '', /Others are writing keys/)
    }
    assert.equal(secret()['old'], 'o-1')
  })

  test('a damaged secret is not written over', async () => {
    stack.secrets.secrets.set(SECRET_ARN, '{"half": "of')
    const { code, notes } = await keys(['set', 'nvidia'], 'nv-1')
    assert.equal(code, 1)
    assert.match(notes, /does not hold a JSON object/)
    assert.ok(!notes.includes('half'))
    assert.equal(stack.secrets.secrets.get(SECRET_ARN), '{"half": "of')
  })

  test('a refusal of AWS is told in one line', async () => {
    stack.secrets.fault = 'denied'
    const { code, notes } = await keys(['list'])
    stack.secrets.fault = 'none'
    assert.equal(code, 1)
    assert.match(notes, /^messages-lambda: The secret with the provider keys could not be used: /)
    assert.equal(notes.split('\n').length, 1)
  })
})
