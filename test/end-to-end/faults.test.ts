import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { WireEvent } from '../../lambda/anthropic/message-event.ts'
import { ERROR_KINDS, type ErrorKind } from '../../lambda/errors.ts'
import { FAULTS, type FaultServer, type Outcome, startFaultServer } from '../harness/fault-server.ts'
import { checkMessageEvents } from '../harness/message-event-rules.ts'
import { CARRIERS, type Carrier } from './carriers.ts'

/** Every fault of a provider through both carriers: what the caller sees of it, on the wire. */

const PROMPT = 'A prompt that must never stand in a log.'

interface Seen {
  readonly status: number
  readonly text: string
  readonly requestId: string | null
}

async function ask(carrier: Carrier, model: string, stream: boolean): Promise<Seen> {
  const response = await fetch(`${carrier.url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, stream, max_tokens: 100, messages: [{ role: 'user', content: PROMPT }] }),
  })
  return {
    status: response.status,
    text: await response.text(),
    requestId: response.headers.get('request-id'),
  }
}

function eventsOf(text: string): WireEvent[] {
  return text
    .split('\n\n')
    .filter((frame) => frame.startsWith('event:'))
    .map((frame) => JSON.parse(frame.slice(frame.indexOf('data: ') + 6)))
}

/** A kind stands for its type on the wire. */
function typeOf(kind: ErrorKind): string {
  return ERROR_KINDS[kind].type
}

function checkStream({ status, text, requestId }: Seen, expected: Outcome): void {
  if (expected.kind === 'error') {
    checkError({ status, text, requestId }, expected.error)
    return
  }
  assert.equal(status, 200)
  const events = eventsOf(text).filter(({ type }) => type !== 'ping')
  const last = events.at(-1)
  if (expected.kind === 'message') {
    checkMessageEvents(events)
    assert.equal(events.map(textOfDelta).join(''), expected.text)
  } else {
    assert.equal(last?.type, 'error', text)
    assert.ok(last?.type === 'error')
    assert.equal(last.error.type, typeOf(expected.error))
    assert.equal(last.request_id, requestId)
    assert.ok(!events.some(({ type }) => type === 'message_stop'))
  }
}

function checkError({ status, text, requestId }: Seen, kind: ErrorKind): void {
  const body = JSON.parse(text)
  assert.equal(body.type, 'error')
  assert.equal(body.error.type, typeOf(kind), text)
  assert.equal(body.request_id, requestId)
  assert.ok(status >= 400, String(status))
}

function textOfDelta(event: WireEvent): string {
  return event.type === 'content_block_delta' && event.delta.type === 'text_delta' ? event.delta.text : ''
}

for (const { name, start } of CARRIERS) {
  describe(`through ${name}, when the provider`, () => {
    const servers: FaultServer[] = []
    let carrier: Carrier

    before(async () => {
      for (const fault of FAULTS) servers.push(await startFaultServer(fault))
      const limits = (slow: boolean) => (slow ? { first_byte_seconds: 0.2, idle_seconds: 0.2 } : {})
      const rows = FAULTS.map(
        (fault, index) => [`fault-${index}`, servers[index]?.url, fault.slow === true] as const,
      )
      carrier = await start({
        providers: Object.fromEntries(
          rows.map(([provider, url, slow]) => [
            provider,
            { type: 'openai', base_url: url, key: 'env:OFFICE_KEY', timeouts: limits(slow) },
          ]),
        ),
        models: Object.fromEntries(
          rows.map(([provider]) => [provider, { target: `${provider}/m`, retries: { max_retries: 0 } }]),
        ),
      })
    })

    after(async () => {
      const log = carrier.output()
      await carrier.close()
      for (const server of servers) await server.close()
      assert.doesNotMatch(log, /never stand in a log|office-key/, 'neither prompts nor keys are logged')
    })

    for (const [index, fault] of FAULTS.entries()) {
      test(`${fault.name}, a stream ends as it should`, async () => {
        const seen = await ask(carrier, `fault-${index}`, true)
        checkStream(seen, fault.expected)
        assert.doesNotMatch(seen.text, /127\.0\.0\.1|office-key/, 'nothing is given away')
        const open = servers[index]?.openConnections
        while ((open?.() ?? 0) > 0 && fault.expected.kind !== 'message') await new Promise(setImmediate)
      })
    }

    test('an answer that is not streamed is an error wherever the stream would be one', async () => {
      for (const [index, fault] of FAULTS.entries()) {
        const seen = await ask(carrier, `fault-${index}`, false)
        if (fault.expected.kind === 'message') {
          assert.equal(JSON.parse(seen.text).content[0].text, fault.expected.text, fault.name)
        } else {
          checkError(seen, fault.expected.error)
        }
      }
    })
  })
}
