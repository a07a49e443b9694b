import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { type DynamodbTable, startDynamodbTable, type TableFault } from '../harness/dynamodb-table.ts'
import { type LambdaFront, startLambdaFront } from '../harness/lambda-front/lambda-front.ts'
import { type ScriptedUpstream, startScriptedUpstream, textReply } from '../harness/scripted-upstream.ts'
import {
  type SecretFault,
  type SecretsManagerEndpoint,
  startSecretsManager,
} from '../harness/secrets-manager-endpoint.ts'
import { ask, errorOf, textOf } from './ask.ts'

/** The function whose table or secret fails while it starts cold: what it says, and that it lives on. */

const SECRET = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:ProviderKeys-AbCdEf'

let upstream: ScriptedUpstream
let table: DynamodbTable
let secrets: SecretsManagerEndpoint
let front: LambdaFront

before(async () => {
  upstream = await startScriptedUpstream()
  upstream.always(textReply('Good morning.'))
  table = await startDynamodbTable()
  await table.put('provider', 'office', { base_url: upstream.url })
  await table.put('provider', 'lab', { base_url: upstream.url, key: 'env:LAB_KEY' })
  for (const provider of ['office', 'lab']) {
    await table.put('model', provider, { target: `${provider}/m`, retries: { max_retries: 0 } })
  }
  secrets = await startSecretsManager({})
  front = await startLambdaFront({
    maxConcurrency: 1,
    iam: {
      accountId: '111122223333',
      userArn: 'arn:aws:sts::111122223333:assumed-role/Developers/ada',
      userId: 'AROAEXAMPLE:ada',
    },
    environment: {
      MODEL_TABLE: table.table,
      PROVIDER_SECRET_ARN: SECRET,
      LAB_KEY: 'key-of-the-lab',
      AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.endpoint,
    },
  })
})
after(async () => {
  await front.close()
  await table.close()
  await secrets.close()
  await upstream.close()
})
beforeEach(() => {
  table.fault = 'none'
  secrets.fault = 'none'
  secrets.secrets.set(SECRET, '{"office":"key-of-the-office"}')
})
afterEach(() => front.recycle())

/** Asks until it is answered well, and holds that no other process was needed for it. */
async function recovers(model: string): Promise<void> {
  const [{ pid } = {}] = front.processes()
  assert.notEqual(pid, undefined)
  let seen = await ask(front.url, { model })
  while (seen.status !== 200) seen = await ask(front.url, { model })
  assert.equal(textOf(seen), 'Good morning.')
  assert.deepEqual(
    front.processes().map((each) => each.pid),
    [pid],
  )
}

describe('a function that starts while its table', () => {
  const rows: [fault: TableFault, status: number, message: RegExp][] = [
    ['throttled', 529, /could not read its model map just now\. Try again/],
    ['server_error', 529, /could not read its model map just now\. Try again/],
    ['garbage', 529, /could not read its model map just now\. Try again/],
    ['denied', 500, /cannot read its model map\..*messages-lambda doctor/],
  ]
  for (const [fault, status, message] of rows) {
    test(`is ${fault.replace('_', ' ')} says so, and answers once it is not`, async () => {
      table.fault = fault
      const seen = await ask(front.url, { model: 'office' })
      assert.equal(seen.status, status, seen.text)
      assert.match(errorOf(seen).message, message)
      assert.equal((await fetch(`${front.url}/health`)).status, 200)
      table.fault = 'none'
      await recovers('office')
    })
  }
})

describe('a function that starts while its secret', () => {
  const rows: [fault: SecretFault, status: number, message: RegExp][] = [
    ['throttled', 529, /could not read its provider keys just now\. Try again/],
    ['server_error', 529, /could not read its provider keys just now\. Try again/],
    ['garbage', 529, /could not read its provider keys just now\. Try again/],
    ['denied', 500, /cannot read the secret with this key\..*messages-lambda doctor/],
  ]
  for (const [fault, status, message] of rows) {
    test(`is ${fault.replace('_', ' ')} says so, and answers once it is not`, async () => {
      secrets.fault = fault
      const seen = await ask(front.url, { model: 'office' })
      assert.equal(seen.status, status, seen.text)
      assert.match(errorOf(seen).message, message)
      assert.equal((await ask(front.url, { model: 'lab' })).status, 200, 'keys of the environment need none')
      secrets.fault = 'none'
      await recovers('office')
    })
  }

  test('is gone says so, and answers once it is there', async () => {
    secrets.secrets.delete(SECRET)
    const seen = await ask(front.url, { model: 'office' })
    assert.equal(seen.status, 500)
    assert.match(errorOf(seen).message, /cannot read the secret with this key/)
    secrets.secrets.set(SECRET, '{"office":"key-of-the-office"}')
    await recovers('office')
  })

  test('is damaged says so, and answers once it is mended', async () => {
    secrets.secrets.set(SECRET, '{"office": key-of-the-office')
    const seen = await ask(front.url, { model: 'office' })
    assert.equal(seen.status, 500)
    assert.doesNotMatch(seen.text + front.output(), /key-of-the-office/)
    secrets.secrets.set(SECRET, '{"office":"key-of-the-office"}')
    await recovers('office')
  })
})

test('a cold start reads table and secret once, before the first turn', async () => {
  const reads = () => secrets.reads.get(SECRET) ?? 0
  const before = reads()
  assert.equal((await ask(front.url, { model: 'office' })).status, 200)
  assert.equal(reads() - before, 1)
  assert.equal(upstream.requests.at(-1)?.headers['authorization'], 'Bearer key-of-the-office')
  assert.equal((await ask(front.url, { model: 'lab' })).status, 200)
  assert.equal(upstream.requests.at(-1)?.headers['authorization'], 'Bearer key-of-the-lab')
  assert.equal(reads() - before, 1)
})
