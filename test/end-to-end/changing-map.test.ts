import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAwsKeys } from '../../lambda/keys/aws-keys.ts'
import { createDynamodbMap } from '../../lambda/map/dynamodb-map.ts'
import { type DeployedStack, SECRET_ARN, startDeployedStack } from '../harness/deployed-stack.ts'
import { type LocalGateway, startLocalGateway } from '../harness/local-gateway.ts'
import { recordedLog } from '../harness/recorded-log.ts'
import { type ScriptedUpstream, startScriptedUpstream, textReply } from '../harness/scripted-upstream.ts'
import { ask, textOf } from './ask.ts'

/**
 * Turns while an operator changes the map: the real command line writes, the real clients read.
 */

/** What belongs together in an entry, and must never be seen mixed. */
const GENERATIONS = [1, 2, 3, 4].map((generation) => ({
  model: `model-${generation}`,
  maximum: 1000 + generation,
  temperature: generation / 10,
}))
const TURNS = 500

let stack: DeployedStack
let upstream: ScriptedUpstream
let gateway: LocalGateway

before(async () => {
  stack = await startDeployedStack()
  upstream = await startScriptedUpstream()
  // The answer tells what arrived, together with the question, so that a turn is known by its own answer.
  upstream.always((request) => {
    const { model, temperature, max_tokens, max_completion_tokens, messages } = request.json()
    const seen = { model, maximum: max_completion_tokens ?? max_tokens, temperature, messages }
    return textReply(JSON.stringify(seen))
  })
  stack.secrets.secrets.set(SECRET_ARN, JSON.stringify({ office: 'office-key' }))
  await stack.table.put('provider', 'office', { base_url: upstream.url })
  const log = recordedLog()
  gateway = await startLocalGateway({
    map: createDynamodbMap({
      table: stack.table.table,
      client: stack.table.client,
      log,
      // Every turn begins a reading.
      refreshSeconds: 0.001,
      variables: {},
    }),
    keys: createAwsKeys({ secret: SECRET_ARN, log, variables: {} }),
  })
})
after(async () => {
  await gateway.close()
  await upstream.close()
  await stack.close()
})

async function setModel({ model, maximum, temperature }: (typeof GENERATIONS)[number]): Promise<void> {
  const { code, notes } = await stack.run([
    ...['models', 'set', 'glm', '--target', `office/${model}`],
    ...['--max-output-tokens', String(maximum), '--parameter', `temperature=${temperature}`],
  ])
  assert.equal(code, 0, notes)
}

/** One turn; resolves to the generation that served it, all of it the same. */
async function generationOf(turn: number): Promise<string> {
  const prompt = `I am turn ${turn}.`
  const seen = await ask(gateway.url, {
    model: 'glm',
    prompt,
    stream: turn % 2 === 0,
    more: { max_tokens: 5000 },
  })
  assert.equal(seen.status, 200, seen.text)
  const { messages, ...entry }: Record<string, unknown> = JSON.parse(textOf(seen))
  assert.deepEqual(messages, [{ role: 'user', content: prompt }])
  const generation = GENERATIONS.find(({ model }) => model === entry['model'])
  assert.deepEqual(entry, generation)
  return String(entry['model'])
}

/** The operator's change, and the first turn that is served by it. */
async function changeTo(generation: (typeof GENERATIONS)[number]): Promise<void> {
  await setModel(generation)
  while ((await ask(gateway.url, { model: 'glm' })).status !== 200) await sleep(5)
  while ((await generationOf(TURNS)) !== generation.model) await sleep(5)
}

test('each of 500 turns side by side uses the old entry or the new one, whole', async () => {
  const [first, ...later] = GENERATIONS
  assert.ok(first)
  await changeTo(first)
  const served = new Set<string>()
  let finished = 0
  const turns = Array.from({ length: TURNS }, (_, turn) => turn).values()
  const caller = async () => {
    for (const turn of turns) {
      served.add(await generationOf(turn))
      finished += 1
    }
  }
  const operator = async () => {
    while (finished < TURNS) for (const generation of [...later, first]) await setModel(generation)
  }
  await Promise.all([operator(), ...Array.from({ length: 100 }, caller)])
  assert.equal(finished, TURNS)
  assert.ok(served.size > 1, 'the changes came through while the turns ran')
})

test('turns go on with the last good map while the table is throttled, denied, broken or gone', async () => {
  const [first] = GENERATIONS
  assert.ok(first)
  await changeTo(first)
  for (const fault of ['throttled', 'denied', 'server_error', 'garbage'] as const) {
    stack.table.fault = fault
    const turns = Array.from({ length: 20 }, (_, index) => generationOf(TURNS + index))
    assert.deepEqual(new Set(await Promise.all(turns)), new Set([first.model]), fault)
  }
  stack.table.fault = 'none'
  await stack.table.deleteTable()
  assert.equal(await generationOf(0), first.model)
})
