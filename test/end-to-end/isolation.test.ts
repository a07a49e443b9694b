import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { closeFreeConnections } from '../../lambda/upstream/http-client.ts'
import { type LocalGateway, startLocalGateway } from '../harness/local-gateway.ts'
import { checkMessageEvents } from '../harness/message-event-rules.ts'
import {
  chunk,
  createGate,
  DONE,
  frame,
  type Reply,
  type ScriptedUpstream,
  type Step,
  startScriptedUpstream,
  textReply,
  type UpstreamRequest,
  usageChunk,
} from '../harness/scripted-upstream.ts'
import { ask, eventsOf } from './ask.ts'

/** Many turns side by side in one process, half of them broken off: none sees a word of another. */

const TURNS = 100

let upstream: ScriptedUpstream
let gateway: LocalGateway
before(async () => {
  upstream = await startScriptedUpstream()
  gateway = await startLocalGateway({
    configuration: {
      providers: { office: { base_url: upstream.url, key: 'none' } },
      models: { glm: { target: 'office/m', retries: { max_retries: 0 } } },
    },
  })
})
after(async () => {
  await gateway.close()
  await upstream.close()
  closeFreeConnections()
})

/** What belongs to one turn, in everything that it says: its marker. */
function question(turn: number) {
  const marker = `marker${turn}x`
  return {
    model: 'glm',
    stream: turn % 3 !== 0,
    headers: { 'x-claude-code-session-id': marker },
    more: {
      system: `You serve ${marker}.`,
      metadata: { user_id: marker },
      tools: [
        {
          name: `tool_${marker}`,
          description: marker,
          input_schema: { type: 'object', properties: { [marker]: { type: 'string' } } },
        },
      ],
      messages: [
        { role: 'user', content: `My secret is ${marker}.` },
        {
          role: 'assistant',
          content: [
            { type: 'tool_use', id: `id_${marker}`, name: `tool_${marker}`, input: { [marker]: marker } },
          ],
        },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: `id_${marker}`, content: marker }] },
      ],
    },
  }
}

/** Says the marker of its request in every form that an answer has, a piece at a time. */
function answer(request: UpstreamRequest): Reply {
  const [marker = '', number = ''] = /marker(\d+)x/.exec(request.body.toString()) ?? []
  const turn = Number(number)
  const call = (part: object) => chunk({ tool_calls: [{ index: 0, ...part }] })
  const pieces = [
    chunk({ role: 'assistant', reasoning_content: `${marker} thinks. ` }),
    ...Array.from({ length: 5 }, (_, part) => chunk({ content: `${marker} part ${part}. ` })),
    call({ id: `call_${marker}`, type: 'function', function: { name: `tool_${marker}`, arguments: '' } }),
    call({ function: { arguments: `{"${marker}":` } }),
    call({ function: { arguments: `"${marker}"}` } }),
    chunk({}, 'tool_calls'),
    usageChunk(turn + 1, turn + 1),
    DONE,
  ]
  const kept = breaksOff(turn) ? pieces.slice(0, 3 + (turn % 5)) : pieces
  const paced = kept.flatMap((piece): Step[] => [piece, { pause: turn % 7 }])
  return { steps: breaksOff(turn) ? [...paced, ending(turn)] : paced }
}

function breaksOff(turn: number): boolean {
  return turn % 2 === 1
}

/** Half a line and then the end of the connection, or only the end. */
function ending(turn: number): Step {
  return turn % 4 === 1 ? { cut: true } : 'data: {"choices":[{"delta":{"content":"half'
}

test('of a hundred turns side by side none sees a word of another, and their log lines neither', async () => {
  upstream.always(answer)
  await Promise.all(
    Array.from({ length: TURNS }, async (_, turn) => {
      const asked = question(turn)
      const seen = await ask(gateway.url, asked)
      const own = `marker${turn}x`
      assert.deepEqual(markersIn(seen.text), breaksOff(turn) && !asked.stream ? [] : [own])
      if (asked.stream) {
        const events = eventsOf(seen.text)
        checkMessageEvents(events, { mayFail: breaksOff(turn) })
        assert.equal(events.at(-1)?.type, breaksOff(turn) ? 'error' : 'message_stop')
      } else {
        assert.equal(seen.status, breaksOff(turn) ? 502 : 200)
      }
      const lines = gateway.log.lines.filter(
        ({ fields }) => fields['request_id'] === seen.headers.get('request-id'),
      )
      assert.deepEqual(
        lines.map(({ fields }) => fields['session']),
        [own],
      )
      if (!breaksOff(turn)) assert.equal(lines[0]?.fields['output_tokens'], turn + 1)
    }),
  )
  assert.equal(upstream.requests.length, TURNS)
  for (const request of upstream.requests) assert.equal(markersIn(request.body.toString()).length, 1)
})

function markersIn(text: string): string[] {
  return [...new Set(text.match(/marker\d+x/g))]
}

test('a connection on which an answer broke off is never used again', async () => {
  const first = upstream.requests.length
  const broken: Step[][] = [
    [chunk({ content: 'begun' }), { pause: 20 }, { cut: true }],
    // Whatever would come after the error belongs to nobody.
    [chunk({ content: 'begun' }), frame({ error: { message: 'the engine died' } }), createGate()],
  ]
  for (const steps of broken) {
    upstream.next({ steps }, textReply('Good morning.'))
    assert.match((await ask(gateway.url, { model: 'glm', stream: true })).text, /event: error/)
    assert.match((await ask(gateway.url, { model: 'glm', stream: true })).text, /Good morning/)
  }
  upstream.next(textReply('Good evening.'))
  assert.match((await ask(gateway.url, { model: 'glm', stream: true })).text, /Good evening/)
  const [cut, afterCut, failed, afterFailure, last] = upstream.requests
    .slice(first)
    .map(({ connection }) => connection)
  assert.notEqual(cut, afterCut)
  assert.notEqual(failed, afterFailure)
  assert.equal(afterCut, failed, 'a good one is used again')
  assert.equal(afterFailure, last, 'a good one is used again')
})
