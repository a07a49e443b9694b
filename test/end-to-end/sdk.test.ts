import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import Anthropic from '@anthropic-ai/sdk'
import {
  chunk,
  createGate,
  DONE,
  errorReply,
  frame,
  type ScriptedUpstream,
  startScriptedUpstream,
  textReply,
  toolReply,
  usageChunk,
} from '../harness/scripted-upstream.ts'
import { CARRIERS, type Carrier } from './carriers.ts'

/** The official SDK as the caller, a provider that plays scripts behind, and both carriers in between. */

const WEATHER: Anthropic.Tool = {
  name: 'weather',
  description: 'The weather in a city.',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}

for (const { name, start } of CARRIERS) {
  describe(`through ${name}`, () => {
    let upstream: ScriptedUpstream
    let carrier: Carrier
    let client: Anthropic

    before(async () => {
      upstream = await startScriptedUpstream()
      carrier = await start({
        providers: { office: { type: 'openai', base_url: upstream.url, key: 'env:OFFICE_KEY' } },
        models: {
          glm: { target: 'office/scripted-model', retries: { max_retries: 0 } },
          patient: { target: 'office/scripted-model', retries: { max_retries: 2 } },
        },
      })
      client = new Anthropic({ baseURL: carrier.url, apiKey: 'anything', maxRetries: 0 })
    })

    after(async () => {
      await carrier.close()
      await upstream.close()
    })

    const ask = (more: Partial<Anthropic.MessageCreateParamsNonStreaming> = {}) => ({
      model: 'glm',
      max_tokens: 500,
      messages: [{ role: 'user' as const, content: 'Hello?' }],
      ...more,
    })

    test('a text streams and folds into the same message as without streaming', async () => {
      upstream.next(textReply('Good ', 'morning.'), textReply('Good ', 'morning.'))
      const streamed = await client.messages.stream(ask()).finalMessage()
      const whole = await client.messages.create(ask())
      for (const message of [streamed, whole]) {
        assert.deepEqual(
          message.content.map((block) => block.type === 'text' && block.text),
          ['Good morning.'],
        )
        assert.equal(message.stop_reason, 'end_turn')
        assert.equal(message.model, 'glm')
        assert.equal(message.usage.input_tokens, 11)
        assert.equal(message.usage.output_tokens, 7)
      }
      assert.equal(upstream.requests.at(-1)?.headers['authorization'], 'Bearer office-key')
      assert.equal(upstream.requests.at(-1)?.json()['model'], 'scripted-model')
    })

    test('the first byte arrives before the last upstream byte is written', async () => {
      const gate = createGate()
      upstream.next({
        steps: [chunk({ content: 'first ' }), gate, chunk({ content: 'last' }), chunk({}, 'stop'), DONE],
      })
      const stream = client.messages.stream(ask())
      for await (const event of stream) {
        if (
          event.type === 'content_block_delta' &&
          event.delta.type === 'text_delta' &&
          event.delta.text === 'first '
        ) {
          gate.open()
        }
      }
      assert.equal(await stream.finalText(), 'first last')
    })

    test('a tool call carries its arguments, whole', async () => {
      upstream.next(toolReply('weather', ['{"ci', 'ty":"Par', 'is"}']))
      const message = await client.messages.stream(ask({ tools: [WEATHER] })).finalMessage()
      const [block] = message.content
      assert.equal(message.stop_reason, 'tool_use')
      assert.ok(block?.type === 'tool_use')
      assert.deepEqual([block.name, block.input], ['weather', { city: 'Paris' }])
    })

    test('parallel tool calls whose fragments interleave come out one after the other', async () => {
      const part = (index: number, more: object) => chunk({ tool_calls: [{ index, ...more }] })
      upstream.next({
        steps: [
          part(0, { id: 'a', type: 'function', function: { name: 'weather', arguments: '' } }),
          part(1, { id: 'b', type: 'function', function: { name: 'weather', arguments: '' } }),
          part(0, { function: { arguments: '{"city":' } }),
          part(1, { function: { arguments: '{"city":' } }),
          part(1, { function: { arguments: '"Rome"}' } }),
          part(0, { function: { arguments: '"Oslo"}' } }),
          chunk({}, 'tool_calls'),
          DONE,
        ],
      })
      const message = await client.messages.stream(ask({ tools: [WEATHER] })).finalMessage()
      assert.deepEqual(
        message.content.map((block) => block.type === 'tool_use' && block.input),
        [{ city: 'Oslo' }, { city: 'Rome' }],
      )
    })

    test('reasoning becomes a thinking block with a signature', async () => {
      upstream.next({
        steps: [
          chunk({ reasoning_content: 'Let me see. ' }),
          chunk({ reasoning_content: 'Yes.' }),
          chunk({ content: 'Done.' }),
          chunk({}, 'stop'),
          usageChunk(5, 9),
          DONE,
        ],
      })
      const message = await client.messages
        .stream(ask({ max_tokens: 4000, thinking: { type: 'enabled', budget_tokens: 2000 } }))
        .finalMessage()
      const [thinking, text] = message.content
      assert.ok(thinking?.type === 'thinking' && text?.type === 'text')
      assert.equal(thinking.thinking, 'Let me see. Yes.')
      assert.notEqual(thinking.signature, '')
      assert.equal(text.text, 'Done.')
    })

    test('images reach the provider, by URL and as data', async () => {
      upstream.next(textReply('I see.'))
      await client.messages.create(
        ask({
          messages: [
            {
              role: 'user',
              content: [
                { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } },
                { type: 'image', source: { type: 'url', url: 'https://example.com/cat.png' } },
                { type: 'text', text: 'What are these?' },
              ],
            },
          ],
        }),
      )
      const sent = upstream.requests.at(-1)?.body.toString() ?? ''
      assert.ok(sent.includes('data:image/png;base64,iVBORw0KGgo='))
      assert.ok(sent.includes('https://example.com/cat.png'))
    })

    test('a refusal of the provider before the first byte keeps its status, in the envelope', async () => {
      upstream.next(errorReply(429, 'Rate limit reached', { 'retry-after': '7' }))
      await assert.rejects(client.messages.stream(ask()).finalMessage(), (error) => {
        assert.ok(error instanceof Anthropic.RateLimitError)
        assert.equal(error.type, 'rate_limit_error')
        assert.equal(error.headers?.get('retry-after'), '7')
        assert.match(error.requestID ?? '', /^req_/)
        return true
      })
    })

    test('an error after the first byte becomes an error event', async () => {
      upstream.next({
        steps: [chunk({ content: 'half ' }), frame({ error: { message: 'overloaded', code: 503 } })],
      })
      await assert.rejects(client.messages.stream(ask()).finalMessage(), (error) => {
        assert.ok(error instanceof Anthropic.APIError)
        assert.ok(error.type)
        return true
      })
    })

    test('a connection that is cut in mid-stream is an error, never a normal end', async () => {
      upstream.next({ steps: [chunk({ content: 'half ' }), { cut: true }] })
      await assert.rejects(client.messages.stream(ask()).finalMessage(), Anthropic.APIError)
    })

    test('a failure before the first byte is tried again', async () => {
      upstream.next(errorReply(500, 'once'), textReply('after all'))
      const message = await client.messages.create(ask({ model: 'patient' }))
      assert.deepEqual(
        message.content.map((block) => block.type === 'text' && block.text),
        ['after all'],
      )
    })

    test('an unknown model is a 404 that names it', async () => {
      await assert.rejects(client.messages.create(ask({ model: 'nobody' })), (error) => {
        assert.ok(error instanceof Anthropic.NotFoundError)
        assert.match(error.message, /nobody/)
        return true
      })
    })

    test('models are listed in the Anthropic shape', async () => {
      const page = await client.models.list()
      assert.deepEqual(
        page.data.map(({ id }) => id),
        ['glm', 'patient'],
      )
      assert.equal((await client.models.retrieve('glm')).type, 'model')
      await assert.rejects(client.models.retrieve('nobody'), Anthropic.NotFoundError)
    })

    test('tokens are counted', async () => {
      const { input_tokens } = await client.messages.countTokens({
        model: 'glm',
        messages: [{ role: 'user', content: 'one two three four five six seven eight' }],
      })
      assert.ok(input_tokens >= 8 && input_tokens < 30, String(input_tokens))
    })

    test('the small paths answer, and every answer carries a request id', async () => {
      const table: [string, string, number][] = [
        ['GET', '/', 200],
        ['HEAD', '/', 200],
        ['GET', '/health', 200],
        ['HEAD', '/api/hello', 200],
        ['POST', '/api/event_logging/batch', 200],
        ['GET', '/v1/nothing', 404],
        ['DELETE', '/v1/messages', 405],
        ['POST', '/v1/messages', 400],
      ]
      for (const [method, path, status] of table) {
        const answer = await fetch(`${carrier.url}${path}`, {
          method,
          body: method === 'POST' ? '{' : undefined,
        })
        const body = await answer.text()
        assert.equal(answer.status, status, `${method} ${path}: ${body}`)
        assert.match(answer.headers.get('request-id') ?? '', /^req_/, `${method} ${path}`)
        if (status >= 400) {
          const envelope = JSON.parse(body) as { type: string; error: { type: string; message: string } }
          assert.equal(envelope.type, 'error')
          assert.ok(envelope.error.type && envelope.error.message)
        }
      }
    })
  })
}
