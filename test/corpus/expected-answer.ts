/**
 * What a recording holds, read straight from its JSON with as little cleverness as will do, and with none of the
 * gateway's own code: the second opinion for every replay.
 */
export interface ExpectedAnswer {
  readonly text: string
  readonly reasoning: string
  readonly tools: readonly { readonly id: string; readonly name: string; readonly input: unknown }[]
  readonly usage: Readonly<Record<string, unknown>> | undefined
  readonly finish: readonly string[]
  readonly refused: boolean
}

interface Part {
  readonly text: string
  readonly reasoning: string
}

interface Call {
  readonly key: string
  id: string
  name: string
  json: string
}

// biome-ignore lint/suspicious/noExplicitAny: recordings are read as they come; a wrong guess fails the test
type Json = any

export function toExpectedAnswer(values: readonly unknown[]): ExpectedAnswer {
  let text = ''
  let reasoning = ''
  let usage: Record<string, unknown> | undefined
  let refused = false
  const calls: Call[] = []
  const finish: string[] = []
  for (const value of values as Json[]) {
    const choice = value.choices?.find((one: Json) => (one.index ?? 0) === 0)
    const seen = [value.usage, value.x_groq?.usage, choice?.usage, ollamaUsage(value)]
    for (const one of seen) if (one?.prompt_tokens || one?.completion_tokens) usage = one
    const streamed =
      choice?.delta && Object.keys(choice.delta).some((key) => key !== 'role' && choice.delta[key])
    const said = streamed
      ? choice.delta
      : ((text || !choice?.message ? undefined : choice.message) ?? choice?.delta ?? value.message)
    if (choice?.finish_reason) finish.push(choice.finish_reason)
    if (value.done_reason) finish.push(value.done_reason)
    if (!said) continue
    const part = toPart(said)
    if (said.refusal) refused = true
    text += part.text
    reasoning += part.reasoning
    for (const [position, call] of (said.tool_calls ?? []).entries())
      addCall(calls, call, streamed && !value.message, position)
  }
  const tagged = takeTags(text)
  return {
    text: tagged.text,
    reasoning: reasoning + tagged.reasoning,
    tools: calls.map(({ id, name, json }) => ({ id, name, input: json === '' ? {} : JSON.parse(json) })),
    usage,
    finish,
    refused,
  }
}

function toPart(said: Json): Part {
  const fields = said.reasoning_content || said.reasoning || said.reasoning_text || said.thinking
  const details = (said.reasoning_details ?? []).map((one: Json) => one.text ?? one.summary ?? '').join('')
  const reasoning = fields || details || ''
  if (!Array.isArray(said.content)) return { text: (said.content ?? '') + (said.refusal ?? ''), reasoning }
  const of = (type: string) => said.content.filter((one: Json) => one.type === type)
  return {
    text: of('text')
      .map((one: Json) => one.text)
      .join(''),
    reasoning: of('thinking')
      .flatMap((one: Json) => one.thinking)
      .map((one: Json) => one.text)
      .join(''),
  }
}

function addCall(calls: Call[], call: Json, streamed: boolean, position: number): void {
  const id = call.id ?? ''
  const known = streamed
    ? calls.find((one) =>
        call.index === undefined ? id !== '' && one.id === id : one.key === String(call.index),
      )
    : undefined
  const json =
    typeof call.function?.arguments === 'object'
      ? JSON.stringify(call.function.arguments ?? '')
      : (call.function?.arguments ?? '')
  if (known) {
    known.json = known.json === '{}' ? json : known.json + json
    known.name ||= call.function?.name ?? ''
  } else
    calls.push({
      key: String(call.index ?? `at ${position}`),
      id,
      name: call.function?.name ?? '',
      json: json === '""' || json === 'null' ? '' : json,
    })
}

function takeTags(content: string): Part {
  const start = /^\s*<(think|reasoning)>/.test(content)
  if (!start) return { text: content, reasoning: '' }
  let reasoning = ''
  const text = content.replaceAll(
    /\s*<(think|reasoning)>([\s\S]*?)(<\/\1>\s*|$)/g,
    (_match, _tag, inside: string) => {
      reasoning += inside
      return ''
    },
  )
  return { text, reasoning }
}

function ollamaUsage(value: Json): Record<string, number> | undefined {
  if (value.eval_count === undefined) return undefined
  return { prompt_tokens: value.prompt_eval_count, completion_tokens: value.eval_count }
}
