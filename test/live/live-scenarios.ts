import assert from 'node:assert/strict'
import Anthropic from '@anthropic-ai/sdk'
import { solidPng } from './solid-png.ts'

/** What a scenario asks, and through what. */
export interface LiveTurn {
  readonly client: Anthropic
  readonly model: string
  /** Another model of the same provider that sees. */
  readonly vision: string
}

export interface LiveScenario {
  readonly name: string
  /** @returns what was found, in a few words. @throws when the provider's record does not hold. */
  run(turn: LiveTurn): Promise<string>
}

const WEATHER: Anthropic.Tool = {
  name: 'get_weather',
  description: 'The weather of one city, now.',
  input_schema: {
    type: 'object',
    properties: { city: { type: 'string', description: 'Name of the city.' } },
    required: ['city'],
    additionalProperties: false,
  },
}

/** Asks as Claude Code does: streaming, by the official SDK. */
async function ask(
  { client, model }: LiveTurn,
  request: Omit<Anthropic.MessageCreateParams, 'model' | 'stream' | 'max_tokens'> & { max_tokens?: number },
): Promise<Anthropic.Message> {
  return await client.messages.stream({ model, max_tokens: 4000, ...request }).finalMessage()
}

function textOf(message: Anthropic.Message): string {
  return message.content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('')
}

function callsOf(message: Anthropic.Message): Anthropic.ToolUseBlock[] {
  return message.content.flatMap((block) => (block.type === 'tool_use' ? [block] : []))
}

function thoughtOf(message: Anthropic.Message): number {
  return message.content.reduce(
    (sum, block) => sum + (block.type === 'thinking' ? block.thinking.length : 0),
    0,
  )
}

/** The results of all calls, and the answer to them. */
async function answerCalls(
  turn: LiveTurn,
  question: string,
  first: Anthropic.Message,
  thinking?: Anthropic.ThinkingConfigParam,
): Promise<Anthropic.Message> {
  const results = callsOf(first).map(
    (call): Anthropic.ToolResultBlockParam => ({
      type: 'tool_result',
      tool_use_id: call.id,
      content: `${JSON.stringify(call.input)}: 17 degrees, light rain`,
    }),
  )
  return await ask(turn, {
    tools: [WEATHER],
    ...(thinking === undefined ? {} : { thinking }),
    messages: [
      { role: 'user', content: question },
      { role: 'assistant', content: first.content },
      { role: 'user', content: results },
    ],
  })
}

const TEXT: LiveScenario = {
  name: 'text',
  async run(turn) {
    const message = await ask(turn, {
      system: 'You answer with one word.',
      messages: [{ role: 'user', content: 'What colour is a clear sky at noon?' }],
    })
    assert.notEqual(textOf(message).trim(), '', 'the answer has no text')
    assert.equal(message.stop_reason, 'end_turn')
    assert.ok(
      message.usage.input_tokens + (message.usage.cache_read_input_tokens ?? 0) > 0,
      'no input tokens',
    )
    assert.ok(message.usage.output_tokens > 0, 'no output tokens')
    return `${message.usage.input_tokens} in, ${message.usage.output_tokens} out`
  },
}

const TOOLS: LiveScenario = {
  name: 'tools',
  async run(turn) {
    const question = 'Use the get_weather tool to find out the weather in Rome.'
    const first = await ask(turn, { tools: [WEATHER], messages: [{ role: 'user', content: question }] })
    const [call] = callsOf(first)
    assert.ok(call, 'no tool was called')
    assert.equal(first.stop_reason, 'tool_use')
    assert.match(JSON.stringify(call.input), /rom/i)
    const second = await answerCalls(turn, question, first)
    assert.notEqual(textOf(second).trim(), '', 'no answer after the result')
    return `id like ${call.id.slice(0, 24)}`
  },
}

const PARALLEL: LiveScenario = {
  name: 'parallel tools',
  async run(turn) {
    const question =
      'Use the get_weather tool for Rome and for Oslo. Make both calls at once, in one answer, before you see any result.'
    const first = await ask(turn, { tools: [WEATHER], messages: [{ role: 'user', content: question }] })
    const calls = callsOf(first)
    assert.ok(calls.length > 0, 'no tool was called')
    assert.equal(new Set(calls.map(({ id }) => id)).size, calls.length, 'two calls share an id')
    await answerCalls(turn, question, first)
    return calls.length > 1 ? `${calls.length} at once` : 'one at a time'
  },
}

const THINKING: LiveScenario = {
  name: 'thinking, two turns',
  async run(turn) {
    const thinking: Anthropic.ThinkingConfigParam = { type: 'enabled', budget_tokens: 2048 }
    const question = 'Think about which city in Italy is the capital, then use the get_weather tool for it.'
    const first = await ask(turn, {
      thinking,
      tools: [WEATHER],
      messages: [{ role: 'user', content: question }],
    })
    assert.ok(callsOf(first).length > 0, 'no tool was called')
    // Refused here, when the provider does not get back what it wants to see again.
    const second = await answerCalls(turn, question, first, thinking)
    const blocks = first.content.filter(({ type }) => type === 'thinking').length
    return blocks === 0 ? 'thinks unseen, or not' : `${thoughtOf(first)} and ${thoughtOf(second)} characters`
  },
}

const IMAGE: LiveScenario = {
  name: 'image',
  async run(turn) {
    const message = await ask(
      { ...turn, model: turn.vision },
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'Which colour fills this picture? One word.' },
              {
                type: 'image',
                source: { type: 'base64', media_type: 'image/png', data: solidPng(220, 20, 20) },
              },
            ],
          },
        ],
      },
    )
    assert.match(textOf(message), /red|crimson|scarlet/i, 'the model did not see the red picture')
    return `${turn.vision} sees`
  },
}

const LONG: LiveScenario = {
  name: 'long output',
  async run(turn) {
    const question = 'Write the whole numbers from 1 to 400, separated by single spaces, and nothing else.'
    const message = await ask(turn, { max_tokens: 8000, messages: [{ role: 'user', content: question }] })
    assert.match(textOf(message), /\b399\b[\s\S]*\b400\b/, 'the answer is cut, or not what was asked')
    const cut = await ask(turn, { max_tokens: 64, messages: [{ role: 'user', content: question }] })
    assert.equal(cut.stop_reason, 'max_tokens', 'a cut answer does not say so')
    return `${message.usage.output_tokens} tokens; max_tokens is told`
  },
}

const ERROR: LiveScenario = {
  name: 'error',
  async run(turn) {
    const model = `${turn.model.split('/')[0]}/no-such-model-exists`
    const error: unknown = await ask(
      { ...turn, model },
      { messages: [{ role: 'user', content: 'Hi' }] },
    ).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    assert.ok(error instanceof Anthropic.APIError, 'a model that does not exist gave no error of the API')
    assert.ok((error.status ?? 0) >= 400, 'the error has no status')
    return `${error.status} ${error.type ?? 'without a type'}`
  },
}

export const LIVE_SCENARIOS: readonly LiveScenario[] = [TEXT, TOOLS, PARALLEL, THINKING, IMAGE, LONG, ERROR]
