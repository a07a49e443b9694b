import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { MessageEvent } from '../../lambda/anthropic/message-event.ts'
import { UpstreamError } from '../../lambda/errors.ts'
import { chatExchange } from '../../lambda/upstream/chat-exchange.ts'
import { closeFreeConnections } from '../../lambda/upstream/http-client.ts'
import { FAULTS, type Fault, type Outcome, startFaultServer } from '../harness/fault-server.ts'
import { checkMessageEvents } from '../harness/message-event-rules.ts'
import { makeAttempt, makeTarget, textOf } from './attempt.ts'

const SHORT = { connectSeconds: 5, firstByteSeconds: 0.2, idleSeconds: 0.2 }
const LONG = { connectSeconds: 5, firstByteSeconds: 60, idleSeconds: 60 }

async function outcomeOf(fault: Fault, url: string): Promise<Outcome> {
  const target = makeTarget({ url: `${url}/chat/completions`, timeouts: fault.slow ? SHORT : LONG })
  const events: MessageEvent[] = []
  let opened = false
  try {
    const answer = await chatExchange(makeAttempt({ target }))
    opened = true
    assert.equal(answer.kind, 'events')
    for await (const batch of answer.events) events.push(...batch)
  } catch (thrown) {
    assert.ok(thrown instanceof UpstreamError, String(thrown))
    assert.equal(thrown.provider, 'office')
    assert.doesNotMatch(thrown.message, /127\.0\.0\.1|key-one|Say hello/, 'the message gives nothing away')
    assert.notEqual(thrown.message, '')
    assert.ok(thrown.curable, 'another provider may answer')
    return { kind: opened ? 'stream error' : 'error', error: thrown.kind }
  }
  checkMessageEvents(events)
  return { kind: 'message', text: textOf(events) }
}

/** What keeps a process busy: open sockets and running timers. */
function activeResources(): string[] {
  return process.getActiveResourcesInfo().filter((name) => /TCP|Timeout|DNS|GetAddr/.test(name))
}

describe('when the provider', () => {
  let resourcesBefore: string[] = []
  before(() => {
    resourcesBefore = activeResources()
  })

  for (const fault of FAULTS) {
    test(`${fault.name}, the turn ends as it should`, async (context) => {
      const server = await startFaultServer(fault)
      context.after(() => server.close())
      assert.deepEqual(await outcomeOf(fault, server.url), fault.expected)
    })
  }

  after(async () => {
    closeFreeConnections()
    // Closed sockets leave in the next turns of the event loop.
    for (let round = 0; round < 200 && activeResources().length > resourcesBefore.length; round += 1)
      await sleep(5)
    assert.deepEqual(activeResources(), resourcesBefore, 'sockets and timers are back where they were')
  })
})
