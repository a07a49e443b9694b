import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createAuthenticate } from '../../../lambda/access/authenticate.ts'
import { createGateway } from '../../../lambda/gateway.ts'
import { createAwsKeys } from '../../../lambda/keys/aws-keys.ts'
import { createDynamodbMap } from '../../../lambda/map/dynamodb-map.ts'
import { fromDocuments } from '../../../lambda/map/map-documents.ts'
import { readAllRows } from '../../../lambda/map/map-rows.ts'
import { ALICE } from '../../harness/aws-identity.ts'
import { type DeployedStack, SECRET_ARN, startDeployedStack } from '../../harness/deployed-stack.ts'
import { recordedLog } from '../../harness/recorded-log.ts'
import { gatewayHandler, SignatureCheckingFront } from '../../harness/signature-checking-front.ts'

describe('messages-lambda models', () => {
  let stack: DeployedStack
  let front: SignatureCheckingFront
  let now = 1_000_000

  before(async () => {
    stack = await startDeployedStack()
    const log = recordedLog()
    const gateway = createGateway({
      authenticate: createAuthenticate({ mode: 'iam' }),
      map: createDynamodbMap({ table: stack.table.table, log, now: () => now, variables: {} }),
      keys: createAwsKeys({ secret: SECRET_ARN, log, variables: {} }),
      log,
      now: () => performance.now(),
      version: '0',
    })
    front = await SignatureCheckingFront.start({ region: 'eu-west-1', handler: gatewayHandler(gateway) })
    stack.cloudFormation.stacks.set('MessagesLambda', {
      TableName: stack.table.table,
      SecretArn: SECRET_ARN,
      AccessMode: 'iam',
      FunctionUrl: front.url,
    })
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: ALICE.accessKeyId,
      AWS_SECRET_ACCESS_KEY: ALICE.secretAccessKey,
      AWS_SESSION_TOKEN: ALICE.sessionToken,
    })
  })
  after(async () => {
    delete process.env['AWS_SESSION_TOKEN']
    await front.close()
    await stack.close()
  })

  function models(...words: string[]) {
    return stack.run(['models', ...words])
  }

  async function stored() {
    return fromDocuments(await readAllRows(stack.table.client, stack.table.table)).configuration
  }

  test('list of a fresh stack says how to begin', async () => {
    const { code, out, notes } = await models('list')
    assert.deepEqual([code, out], [0, ''])
    assert.match(notes, /No models yet.*models set/)
  })

  test('set adds a model, and the next turn after the refresh uses it', async () => {
    const { code, out } = await models('set', 'hi', '--target', 'demo/echo', '--tier', 'haiku', '--default')
    assert.equal(code, 0)
    assert.deepEqual(out.split('\n'), [
      '+ models.hi',
      '+     target: demo/echo',
      '+ tiers',
      '+     haiku: hi',
      '+ default_model',
      '+     hi',
    ])
    now += 3_600_000
    const asked = await models('test', 'claude-haiku-4-5')
    assert.equal(asked.code, 0, asked.notes)
    assert.match(asked.out, /said: .*hello/i)
    assert.match(asked.out, /first byte after \d+ ms, all after \d+ ms, ended by end_turn/)
    assert.match(asked.out, /tokens: \d+ in, \d+ out/)
    assert.equal(front.refused.length, 0)
  })

  test('test as JSON holds the same', async () => {
    const { out } = await models('test', 'hi', '--json')
    const result = JSON.parse(out)
    assert.equal(result.model, 'hi')
    assert.equal(result.stopReason, 'end_turn')
    assert.ok(result.inputTokens > 0 && result.outputTokens > 0)
  })

  test("test ends with the gateway's own words when there is no answer", async () => {
    await models('set', 'keyless', '--target', 'openai/gpt-5')
    now += 3_600_000
    const { code, out, notes } = await models('test', 'keyless')
    assert.deepEqual([code, out], [1, ''])
    assert.match(
      notes,
      /^messages-lambda: keyless: the gateway answered 500: There is no key "openai" yet\..*keys set openai/,
    )
  })

  test('test finds a gateway on this machine, too, or says that there is none', async () => {
    const { code, notes } = await models('test', 'hi', '--url', 'http://127.0.0.1:9')
    assert.equal(code, 1)
    assert.match(notes, /could not be reached \(ECONNREFUSED\)\. Is it running\?/)
  })

  test('set changes only the fields that are named', async () => {
    await models(
      'set',
      'glm',
      '--target',
      'nvidia/glm',
      '--fallback',
      'demo/a',
      '--fallback',
      'demo/b',
      '--parameter',
      'temperature=0.6',
    )
    await models(
      'set',
      'glm',
      '--max-output-tokens',
      '32000',
      '--quirk',
      'max_tokens_field=max_completion_tokens',
      '--parameter',
      'top_p=0.9',
    )
    assert.deepEqual((await stored()).models['glm'], {
      target: 'nvidia/glm',
      fallbacks: ['demo/a', 'demo/b'],
      parameters: { temperature: 0.6, top_p: 0.9 },
      max_output_tokens: 32000,
      quirks: { max_tokens_field: 'max_completion_tokens' },
    })
    const { out } = await models('set', 'glm', '--unset', 'fallbacks', '--target', 'nvidia/glm-5')
    assert.match(out, /^~ models\.glm\n- {5}fallbacks:\n/)
    assert.deepEqual(Object.keys((await stored()).models['glm'] ?? {}).sort(), [
      'max_output_tokens',
      'parameters',
      'quirks',
      'target',
    ])
    assert.match((await models('set', 'glm', '--target', 'nvidia/glm-5')).notes, /so already/)
  })

  test('set refuses what the gateway could not use, and writes nothing', async () => {
    const before = await stored()
    const cases: [string[], RegExp][] = [
      [
        ['new', '--target', 'nvida/x'],
        /models\.new\.target: unknown provider "nvida"; did you mean "nvidia"\?/,
      ],
      [['new'], /models\.new: needs target/],
      [
        ['new', '--target', 'demo/x', '--context-window', 'many'],
        /--context-window many: must be a whole number/,
      ],
      [
        ['new', '--target', 'demo/x', '--quirk', 'max_token_field=x'],
        /unknown key; did you mean "max_tokens_field"\?/,
      ],
      [['new', '--target', 'demo/x', '--tier', 'poem'], /--tier poem: a tier is one of haiku/],
      [['glm', '--unset', 'nothing'], /no such field/],
      [['new', '--traget', 'demo/x'], /Unknown option '--traget'\. See: messages-lambda models set --help/],
      [[], /Name one model/],
    ]
    for (const [words, expected] of cases) {
      const { code, notes } = await models('set', ...words)
      assert.notEqual(code, 0)
      assert.match(notes, expected)
    }
    assert.deepEqual(await stored(), before)
  })

  test('two operators cannot write over each other without seeing it', async () => {
    await models('set', 'shared', '--target', 'demo/start')
    const results = await Promise.all(
      Array.from({ length: 6 }, (_, number) =>
        models('set', 'shared', '--target', `demo/operator-${number}`),
      ),
    )
    const target = (await stored()).models['shared']?.target
    const winners = results.flatMap(({ code }, number) => (code === 0 ? [`demo/operator-${number}`] : []))
    assert.ok(winners.some((winner) => winner === target))
    for (const { code, notes } of results) {
      if (code !== 0) assert.match(notes, /models\.shared: Somebody else changed this entry meanwhile/)
    }
    const row = (await readAllRows(stack.table.client, stack.table.table)).find(
      ({ name }) => name === 'shared',
    )
    assert.equal(row?.version, 1 + winners.length, 'every write stands on the one before it')
    assert.equal(row?.updatedBy, 'operator')
  })

  test('list shows targets, fallbacks, other names and broken entries', async () => {
    await stack.table.put('model', 'broken', { targt: 'x' })
    const { out } = await models('list')
    assert.match(out, /^hi +demo\/echo {2}\(haiku, default\)$/m)
    assert.match(out, /^broken +BROKEN: /m)
    const listed = JSON.parse((await models('list', '--json')).out)
    assert.ok(listed.models.some((model: { name: string }) => model.name === 'hi'))
    assert.equal(listed.broken[0].name, 'broken')
    await models('remove', 'broken')
  })

  test('remove takes a model out, unless names still mean it', async () => {
    const refused = await models('remove', 'hi')
    assert.equal(refused.code, 1)
    assert.match(refused.notes, /hi is still the model of: tier haiku, default/)
    assert.equal((await models('remove', 'keyless')).code, 0)
    assert.equal((await stored()).models['keyless'], undefined)
    assert.match((await models('remove', 'keyless')).notes, /There is no model keyless/)
  })
})
