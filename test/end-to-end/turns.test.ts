import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { CreateTableCommand } from '@aws-sdk/client-dynamodb'
import { createCredentialSource } from '../../infra/connect/aws-credentials.ts'
import { TurnCanceller } from '../../infra/connect/cancel-turn.ts'
import { type Listener, startListener } from '../../infra/connect/listener.ts'
import { createSignedExchange } from '../../infra/connect/signed-exchange.ts'
import { ALICE } from '../harness/aws-identity.ts'
import { type DynamodbTable, startDynamodbTable } from '../harness/dynamodb-table.ts'
import {
  type LambdaFront,
  type LambdaFrontOptions,
  startLambdaFront,
} from '../harness/lambda-front/lambda-front.ts'
import { checkMessageEvents } from '../harness/message-event-rules.ts'
import {
  chunk,
  createGate,
  DONE,
  type Gate,
  type Reply,
  type ScriptedUpstream,
  startScriptedUpstream,
  textReply,
  type UpstreamRequest,
} from '../harness/scripted-upstream.ts'
import { ask, begin, eventsOf, type Question, textOf } from './ask.ts'

/** Turns of callers who left, through the function: it cannot see them leave, so the table of turns has to say it. */

const TURN_TABLE = 'Turns'

let upstream: ScriptedUpstream
let table: DynamodbTable

before(async () => {
  upstream = await startScriptedUpstream()
  upstream.always(replyTo)
  table = await startDynamodbTable()
  await table.put('provider', 'office', { base_url: upstream.url, key: 'none' })
  await table.put('model', 'glm', { target: 'office/m', retries: { max_retries: 0 } })
  await table.client.send(
    new CreateTableCommand({
      TableName: TURN_TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    }),
  )
})
after(async () => {
  await table.close()
  await upstream.close()
})

function startFront(environment: LambdaFrontOptions['environment']): Promise<LambdaFront> {
  return startLambdaFront({
    iam: { accountId: ALICE.account, userArn: ALICE.arn, userId: ALICE.userId },
    environment: { MODEL_TABLE: table.table, AWS_ENDPOINT_URL_DYNAMODB: table.endpoint, ...environment },
  })
}

/** Prompt → where its stream stands, and the request as the provider got it. */
const streams = new Map<string, { gate: Gate; came: (request: UpstreamRequest) => void }>()

function replyTo(request: UpstreamRequest): Reply {
  const prompt = /turn \w+/.exec(request.body.toString())?.[0] ?? ''
  const stream = streams.get(prompt)
  if (stream === undefined) return textReply('Good morning.')
  stream.came(request)
  return {
    steps: [
      chunk({ content: 'begun ' }),
      stream.gate,
      chunk({ content: 'and ended' }),
      chunk({}, 'stop'),
      DONE,
    ],
  }
}

/** A stream that stands still after its first words, until the gate is opened. */
async function standing(
  url: string,
  question: Omit<Question, 'model' | 'prompt'>,
): Promise<{ text: Promise<string>; gate: Gate; provider: UpstreamRequest }> {
  const gate = createGate()
  const { promise, resolve } = Promise.withResolvers<UpstreamRequest>()
  const prompt = `turn ${'abcdefghijklmnop'[streams.size]}`
  streams.set(prompt, { gate, came: resolve })
  const answer = begin(url, { model: 'glm', prompt, stream: true, ...question })
  const text = answer.then((response) => response.text())
  await gate.reached
  return { text, gate, provider: await promise }
}

/** The turn was ended as it should, for this reason, and the provider is not paid any longer. */
async function assertEnded(text: string, provider: UpstreamRequest, reason: RegExp): Promise<void> {
  const events = eventsOf(text)
  checkMessageEvents(events, { mayFail: true })
  const last = events.at(-1)
  assert.ok(last?.type === 'error', text)
  assert.match(last.error.message, reason)
  assert.equal(await provider.over, 'left')
}

/** Three waits of five seconds each, side by side. */
describe('with a table of turns', { concurrency: true }, () => {
  let front: LambdaFront
  before(async () => {
    front = await startFront({ TURN_TABLE })
  })
  after(() => front.close())

  test('a turn that its session asks again is ended, and the new one is not', async () => {
    const headers = inSession('one')
    const old = await standing(front.url, { headers })
    const other = await standing(front.url, { headers: inSession('another') })
    const young = await standing(front.url, { headers })
    await assertEnded(await old.text, old.provider, /newer turn of this session/)
    for (const { gate, text } of [other, young]) {
      gate.open()
      assert.match(await text, /and ended.*message_stop/s)
    }
  })

  test('a turn that its caller cancels by its name is ended', async () => {
    const headers = { ...inSession('two'), 'x-messages-lambda-turn': 'turn-of-ada' }
    const { text, provider } = await standing(front.url, { headers })
    const answer = await fetch(`${front.url}/v1/turns/turn-of-ada`, { method: 'DELETE' })
    assert.deepEqual(await answer.json(), { cancelled: true })
    await assertEnded(await text, provider, /cancelled/)
  })

  test('a caller who leaves the connector ends the turn at the provider', async () => {
    const listener = await connectTo(front)
    const left = new AbortController()
    const headers = { ...inSession('three'), 'x-api-key': listener.token }
    const { text, provider } = await standing(listener.url, { headers, signal: left.signal })
    left.abort()
    await assert.rejects(text)
    assert.equal(await provider.over, 'left')
    await listener.close()
  })
})

test('a table of turns that is not there harms no turn', async () => {
  const front = await startFront({ TURN_TABLE: 'NotThere' })
  const seen = await ask(front.url, { model: 'glm', stream: true, headers: inSession('four') })
  assert.equal(textOf(seen), 'Good morning.')
  await front.close()
})

test('without a table of turns nothing is ended, and who cancels is told so', async () => {
  const front = await startFront({})
  const headers = { ...inSession('five'), 'x-messages-lambda-turn': 'turn-of-ada' }
  const old = await standing(front.url, { headers })
  const young = await standing(front.url, { headers })
  const answer = await fetch(`${front.url}/v1/turns/turn-of-ada`, { method: 'DELETE' })
  assert.deepEqual(await answer.json(), { cancelled: false })
  for (const { gate, text } of [old, young]) {
    gate.open()
    assert.match(await text, /and ended.*message_stop/s)
  }
  await front.close()
})

function inSession(name: string): Record<string, string> {
  return { 'x-claude-code-session-id': `session-${name}` }
}

function connectTo(front: LambdaFront): Promise<Listener> {
  const gateway = new URL(front.url)
  const exchange = createSignedExchange(
    {
      url: gateway,
      region: 'eu-central-1',
      credentials: createCredentialSource({ openChain: async () => async () => ALICE }),
      nameIdentity: async () => ALICE.arn,
    },
    {},
  )
  return startListener({ gateway, exchange, canceller: new TurnCanceller(gateway, exchange) })
}
