import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import Anthropic, { APIError } from '@anthropic-ai/sdk'
import { createCredentialSource } from '../../../infra/connect/aws-credentials.ts'
import { type Listener, startListener } from '../../../infra/connect/listener.ts'
import { createSignedExchange } from '../../../infra/connect/signed-exchange.ts'
import { createAuthenticate } from '../../../lambda/access/authenticate.ts'
import { createGateway } from '../../../lambda/gateway.ts'
import { environmentKeys } from '../../../lambda/keys/environment-keys.ts'
import { parseConfiguration } from '../../../lambda/map/parse-configuration.ts'
import { fixedModelMap } from '../../../lambda/map/yaml-file.ts'
import { ALICE } from '../../harness/aws-identity.ts'
import { gatewayHandler, SignatureCheckingFront } from '../../harness/signature-checking-front.ts'

const logged: Record<string, unknown>[] = []
const keep = (_message: string, fields?: Record<string, unknown>) => void logged.push(fields ?? {})

const gateway = createGateway({
  authenticate: createAuthenticate({ mode: 'iam' }),
  map: fixedModelMap(
    parseConfiguration({
      providers: { demo: {} },
      models: { echo: { target: 'demo/echo' }, secret: { target: 'demo/echo' } },
      tiers: { opus: 'secret' },
      default_model: 'secret',
      callers: [{ match: 'arn:aws:sts::*:assumed-role/AWSReservedSSO_Developers_*/*', models: ['echo'] }],
      settings: { contact: '#ai-platform' },
    }),
    { environment: 'local' },
  ),
  keys: environmentKeys({}),
  log: { debug: keep, info: keep, warn: keep, error: keep },
  now: () => performance.now(),
  version: 'test',
})

let front: SignatureCheckingFront
let listener: Listener
let client: Anthropic
before(async () => {
  front = await SignatureCheckingFront.start({ handler: gatewayHandler(gateway) })
  const url = new URL(front.url)
  const credentials = createCredentialSource({ openChain: async () => async () => ALICE })
  const exchange = createSignedExchange(
    { url, region: 'eu-central-1', credentials, nameIdentity: async () => ALICE.arn },
    {},
  )
  listener = await startListener({ gateway: url, exchange })
  client = new Anthropic({ baseURL: listener.url, authToken: listener.token, apiKey: null, maxRetries: 0 })
})
after(async () => {
  await listener.close()
  await front.close()
})

function ask(model: string) {
  return client.messages.stream({
    model,
    max_tokens: 100,
    messages: [{ role: 'user', content: 'Say heron' }],
  })
}

describe('a gateway in iam mode, through the connector', () => {
  test('streams a turn to the official SDK, and its log names the caller', async () => {
    const message = await ask('echo').finalMessage()
    assert.equal(message.role, 'assistant')
    assert.ok(message.content.length > 0)
    assert.ok(JSON.stringify(logged).includes(ALICE.arn))
    assert.ok(!JSON.stringify(logged).includes('heron'))
  })

  test('lists only the models that the caller may use', async () => {
    const page = await client.models.list()
    assert.deepEqual(
      page.data.map(({ id }) => id),
      ['echo'],
    )
  })

  for (const model of ['secret', 'claude-opus-5-5', 'something-else', 'demo/echo']) {
    test(`refuses ${model}, however it is reached, and says who asked and whom to ask`, async () => {
      await assert.rejects(ask(model).finalMessage(), (error) => {
        assert.ok(error instanceof APIError)
        assert.equal(error.status, 403)
        assert.ok(error.message.includes(ALICE.arn) && error.message.includes('#ai-platform'))
        return true
      })
    })
  }

  test('tells callers who they are', async () => {
    const answer = await fetch(`${listener.url}/v1/whoami`, { headers: { 'x-api-key': listener.token } })
    assert.deepEqual(await answer.json(), {
      type: 'caller',
      id: ALICE.arn,
      kind: 'iam',
      account: ALICE.account,
      arn: ALICE.arn,
    })
  })
})
