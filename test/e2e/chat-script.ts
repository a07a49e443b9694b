import { chunk, DONE, type Reply, type UpstreamRequest, usageChunk } from '../harness/scripted-upstream.ts'

/** The parts of a Chat Completions request that the scripts look at. */
export interface ChatRequestSeen {
  readonly model: string
  readonly messages: readonly {
    readonly role: string
    readonly content?: unknown
    readonly tool_calls?: readonly { id: string; function: { name: string; arguments: string } }[]
    readonly tool_call_id?: string
    readonly reasoning_content?: string
  }[]
  readonly tools?: readonly { readonly function: { readonly name: string } }[]
  readonly [field: string]: unknown
}

export function seen(request: UpstreamRequest): ChatRequestSeen {
  return JSON.parse(request.body.toString('utf8'))
}

/** All text of a request, for `includes`. */
export function textOf(request: UpstreamRequest): string {
  return request.body.toString('utf8')
}

/** How many tool results the conversation holds: what step of the script it stands at. */
export function toolResults(request: UpstreamRequest): number {
  return seen(request).messages.filter(({ role }) => role === 'tool').length
}

export interface Call {
  readonly name: string
  readonly input: unknown
}

/** An answer that calls several tools at once, their arguments interleaved as some providers send them. */
export function callsReply(calls: readonly Call[], text = ''): Reply {
  const texts = calls.map(({ input }) => JSON.stringify(input))
  const halves = (part: 'first' | 'second') =>
    texts.map((whole, index) =>
      chunk({
        tool_calls: [
          {
            index,
            function: {
              arguments:
                part === 'first' ? whole.slice(0, whole.length >> 1) : whole.slice(whole.length >> 1),
            },
          },
        ],
      }),
    )
  return {
    steps: [
      chunk({ role: 'assistant', content: text }),
      ...calls.map(({ name }, index) =>
        chunk({
          tool_calls: [
            { index, id: `call_${index}_${name}`, type: 'function', function: { name, arguments: '' } },
          ],
        }),
      ),
      ...halves('first'),
      ...halves('second'),
      chunk({}, 'tool_calls'),
      usageChunk(100, 20),
      DONE,
    ],
  }
}
