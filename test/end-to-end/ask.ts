import type { WireEvent } from '../../lambda/anthropic/message-event.ts'

/** An answer as it came over the wire. */
export interface Seen {
  readonly status: number
  readonly text: string
  readonly headers: Headers
}

export interface Question {
  readonly model: string
  readonly prompt?: string
  readonly stream?: boolean
  readonly headers?: Readonly<Record<string, string>>
  /** Further fields of the body. */
  readonly more?: Readonly<Record<string, unknown>>
  readonly signal?: AbortSignal
}

/** One turn, begun: resolves with the head of its answer. */
export function begin(url: string, question: Question): Promise<Response> {
  const { model, prompt = 'Hello?', stream = false, headers, more, signal } = question
  return fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', ...headers },
    body: JSON.stringify({
      model,
      stream,
      max_tokens: 100,
      messages: [{ role: 'user', content: prompt }],
      ...more,
    }),
    ...(signal ? { signal } : {}),
  })
}

/** One turn, whole. */
export async function ask(url: string, question: Question): Promise<Seen> {
  const response = await begin(url, question)
  return { status: response.status, text: await response.text(), headers: response.headers }
}

/** The events of a stream; not for other answers. */
export function eventsOf(text: string): WireEvent[] {
  return text
    .split('\n\n')
    .filter((frame) => frame.startsWith('event:'))
    .map((frame) => JSON.parse(frame.slice(frame.indexOf('data: ') + 6)))
}

/** All text of a stream or of a whole message. */
export function textOf({ text }: Seen): string {
  if (text.startsWith('{')) {
    const { content = [] } = JSON.parse(text) as { content?: { text?: string }[] }
    return content.map((block) => block.text ?? '').join('')
  }
  return eventsOf(text)
    .map((event) =>
      event.type === 'content_block_delta' && event.delta.type === 'text_delta' ? event.delta.text : '',
    )
    .join('')
}

/** The error of an answer that is one. */
export function errorOf({ text }: Seen): { type: string; message: string } {
  const { error } = JSON.parse(text) as { error: { type: string; message: string } }
  return error
}
