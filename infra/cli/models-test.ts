import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { createParser } from 'eventsource-parser'
import * as z from 'zod'
import { type Command, CommandError, type CommandInput } from './command.ts'
import { type GatewayClient, openGateway } from './gateway-client.ts'
import { STACK_OPTIONS, STACK_USAGE } from './stack-options.ts'

const PROMPT = 'Say hello in one short sentence.'
/** Enough for a model that thinks before it says hello. */
const MAX_TOKENS = 1024
const LIMIT_MILLISECONDS = 300_000

const EventSchema = z.looseObject({
  type: z.string(),
  delta: z
    .looseObject({
      text: z.string().optional(),
      thinking: z.string().optional(),
      stop_reason: z.string().nullish(),
    })
    .optional(),
  message: z.looseObject({ usage: z.looseObject({}).optional() }).optional(),
  usage: z.looseObject({}).optional(),
  error: z.looseObject({ type: z.string(), message: z.string() }).optional(),
})

/** What came back for one small turn. */
export interface TurnResult {
  readonly model: string
  /** `provider/model` that answered, where the gateway says so. */
  readonly target: string | null
  readonly text: string
  readonly thought: boolean
  readonly stopReason: string | null
  readonly firstByteMilliseconds: number
  readonly milliseconds: number
  readonly inputTokens: number | null
  readonly outputTokens: number | null
  readonly cacheReadTokens: number | null
}

async function test(words: readonly string[], input: CommandInput): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: { ...STACK_OPTIONS, url: { type: 'string' }, json: { type: 'boolean', default: false } },
  })
  const [name, ...more] = positionals
  if (name === undefined || more.length > 0)
    throw new CommandError('Name one model: messages-lambda models test NAME')
  const gateway = await openGateway(values, { environment: input.environment })
  const result = await askOnce(
    gateway,
    name,
    AbortSignal.any([input.signal, AbortSignal.timeout(LIMIT_MILLISECONDS)]),
  )
  if (values.json) {
    input.out(JSON.stringify(result, null, 2))
    return 0
  }
  input.out(`${name}${result.target === null ? '' : ` → ${result.target}`}`)
  input.out(`said: ${result.text.trim() || '(nothing)'}${result.thought ? '  (after thinking)' : ''}`)
  input.out(
    `first byte after ${result.firstByteMilliseconds} ms, all after ${result.milliseconds} ms, ended by ${result.stopReason ?? 'nothing'}`,
  )
  input.out(
    `tokens: ${result.inputTokens ?? '?'} in${result.cacheReadTokens ? ` and ${result.cacheReadTokens} from the cache` : ''}, ${result.outputTokens ?? '?'} out`,
  )
  return 0
}

/** @throws CommandError with the gateway's own words when there is no answer. */
export async function askOnce(
  gateway: GatewayClient,
  model: string,
  signal: AbortSignal,
): Promise<TurnResult> {
  const begun = performance.now()
  const answer = await gateway.send({
    method: 'POST',
    path: '/v1/messages',
    body: JSON.stringify({
      model,
      max_tokens: MAX_TOKENS,
      stream: true,
      messages: [{ role: 'user', content: PROMPT }],
    }),
    signal,
  })
  if (answer.statusCode !== 200) throw refusalOf(answer.statusCode ?? 0, await text(answer), model)
  const seen = new SeenTurn()
  let firstByte: number | undefined
  const parser = createParser({ onEvent: ({ data }) => seen.read(data) })
  for await (const chunk of answer.setEncoding('utf8')) {
    firstByte ??= performance.now() - begun
    parser.feed(String(chunk))
  }
  if (seen.error !== undefined) throw new CommandError(`${model}: ${seen.error}`)
  if (!seen.ended)
    throw new CommandError(`${model}: the answer was cut off after ${seen.text.length} characters.`)
  const target = answer.headers['x-messages-lambda-target']
  return {
    model,
    target: typeof target === 'string' ? target : null,
    text: seen.text,
    thought: seen.thought,
    stopReason: seen.stopReason,
    firstByteMilliseconds: Math.round(firstByte ?? 0),
    milliseconds: Math.round(performance.now() - begun),
    inputTokens: seen.count('input_tokens'),
    outputTokens: seen.count('output_tokens'),
    cacheReadTokens: seen.count('cache_read_input_tokens'),
  }
}

/** What the events of a turn add up to. */
class SeenTurn {
  text = ''
  thought = false
  ended = false
  stopReason: string | null = null
  error: string | undefined
  #usage: Record<string, unknown> = {}

  read(data: string): void {
    const parsed = EventSchema.safeParse(toJson(data))
    if (!parsed.success) return
    const { type, delta, message, usage, error } = parsed.data
    this.text += delta?.text ?? ''
    this.thought ||= delta?.thinking !== undefined
    this.stopReason = delta?.stop_reason ?? this.stopReason
    this.ended ||= type === 'message_stop'
    this.#usage = { ...this.#usage, ...message?.usage, ...usage }
    if (error !== undefined) this.error = `${error.type}: ${error.message}`
  }

  count(field: string): number | null {
    const value = this.#usage[field]
    return typeof value === 'number' ? value : null
  }
}

function refusalOf(status: number, body: string, model: string): CommandError {
  const envelope = z.looseObject({ error: z.looseObject({ message: z.string() }) }).safeParse(toJson(body))
  const words = envelope.success ? envelope.data.error.message : body.slice(0, 200).trim() || 'no words'
  return new CommandError(`${model}: the gateway answered ${status}: ${words}`)
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const modelsTestCommand: Command = {
  noun: 'models',
  verb: 'test',
  summary: 'send one small turn through the gateway and show what comes back, how fast, and its tokens',
  usage: `messages-lambda models test NAME [--url URL] [--json]

Asks the deployed gateway, signed with your AWS credentials; in bearer mode with the API key in MESSAGES_LAMBDA_KEY.
The turn costs a few tokens.

  --url URL        another gateway, such as http://127.0.0.1:8787
  --json           the result as JSON
${STACK_USAGE}`,
  run: test,
}
