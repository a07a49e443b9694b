import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { closeServer, openOnLoopback } from './loopback.ts'

/**
 * A provider for tests: a real node:http server that answers each request by a script. A script is a status,
 * headers and steps; a step writes, pauses, waits for the test to open a gate, or cuts the connection.
 */

/** A point where the server waits until the test says go on. */
export interface Gate {
  open(): void
  /** Resolves when the server stands at the gate, so that everything before it has been written. */
  readonly reached: Promise<void>
  readonly opened: Promise<void>
  /** @internal */
  arrive(): void
}

export function createGate(): Gate {
  const opened = Promise.withResolvers<void>()
  const reached = Promise.withResolvers<void>()
  return { open: opened.resolve, reached: reached.promise, opened: opened.promise, arrive: reached.resolve }
}

export type Step = string | Uint8Array | { readonly pause: number } | Gate | { readonly cut: true }

export interface Reply {
  /** Default 200. */
  readonly status?: number
  /** Default: `content-type: text/event-stream`. */
  readonly headers?: Readonly<Record<string, string | string[]>>
  /** Written one by one, each as its own write. May be endless: it is read only as fast as the socket drains. */
  readonly steps?: Iterable<Step> | AsyncIterable<Step>
}

/** A reply whose steps are all text, so that a test can take them apart. */
export interface TextReply extends Reply {
  readonly steps: readonly string[]
}

export type Script = Reply | ((request: UpstreamRequest) => Reply | Promise<Reply>)

/** A request as the provider got it. */
export interface UpstreamRequest {
  readonly method: string
  /** Path with query. */
  readonly path: string
  /** Lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** The body, parsed. Throws when it is not JSON. */
  json(): Record<string, unknown>
  /** The same number for requests that came over the same connection. */
  readonly connection: number
  /** Bytes of the answer handed to the socket so far. */
  bytesWritten(): number
  /** Resolves when the exchange is over: `finished` by the server, or `left` because the gateway went away. */
  readonly over: Promise<'finished' | 'left'>
}

export class ScriptedUpstream {
  /** Base URL in OpenAI's form: `http://127.0.0.1:PORT/v1`. */
  readonly url: string
  readonly origin: string
  readonly requests: UpstreamRequest[] = []
  readonly #queue: Script[] = []
  #always: Script | undefined
  readonly #sockets: Set<Socket>
  readonly #close: () => Promise<void>
  #waiting: { readonly count: number; readonly resolve: (request: UpstreamRequest) => void }[] = []

  constructor(origin: string, sockets: Set<Socket>, close: () => Promise<void>) {
    this.origin = origin
    this.url = `${origin}/v1`
    this.#sockets = sockets
    this.#close = close
  }

  /** Scripts for the next requests, in order. */
  next(...scripts: Script[]): this {
    this.#queue.push(...scripts)
    return this
  }

  /** The script for every request that has none of its own. */
  always(script: Script): this {
    this.#always = script
    return this
  }

  /** The n-th request (from 0), as soon as it has come. */
  async request(index = 0): Promise<UpstreamRequest> {
    const there = this.requests[index]
    if (there) return there
    const { promise, resolve } = Promise.withResolvers<UpstreamRequest>()
    this.#waiting.push({ count: index, resolve })
    return promise
  }

  get openConnections(): number {
    return this.#sockets.size
  }

  async close(): Promise<void> {
    await this.#close()
  }

  /** @internal */
  async serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await read(incoming, response)
    this.requests.push(request)
    for (const { count, resolve } of this.#waiting) if (this.requests.length === count + 1) resolve(request)
    const script = this.#queue.shift() ?? this.#always
    if (script === undefined) {
      response
        .writeHead(500, { 'content-type': 'text/plain' })
        .end('the test wrote no script for this request')
      return
    }
    await play(typeof script === 'function' ? await script(request) : script, response)
  }
}

/** Starts on a free loopback port. Close it when the test is over. */
export async function startScriptedUpstream(): Promise<ScriptedUpstream> {
  const sockets = new Set<Socket>()
  const server = createServer({ keepAliveTimeout: 0 }, (incoming, response) => {
    upstream.serve(incoming, response).catch((error: Error) => response.destroy(error))
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    // A test that cuts a connection provokes resets on purpose.
    socket.on('error', () => {})
  })
  const origin = await openOnLoopback(server)
  const upstream = new ScriptedUpstream(origin, sockets, () => closeServer(server))
  return upstream
}

async function read(incoming: IncomingMessage, response: ServerResponse): Promise<UpstreamRequest> {
  const parts: Buffer[] = []
  for await (const part of incoming) parts.push(part)
  const body = Buffer.concat(parts)
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  )
  const before = incoming.socket.bytesWritten
  const over = Promise.withResolvers<'finished' | 'left'>()
  response.on('close', () => over.resolve(response.writableFinished ? 'finished' : 'left'))
  return {
    connection: numberOf(incoming.socket),
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    headers,
    body,
    json: () => JSON.parse(body.toString('utf8')),
    bytesWritten: () => incoming.socket.bytesWritten - before,
    over: over.promise,
  }
}

const connections = new WeakMap<Socket, number>()
let lastConnection = 0

function numberOf(socket: Socket): number {
  const known = connections.get(socket)
  if (known !== undefined) return known
  lastConnection += 1
  connections.set(socket, lastConnection)
  return lastConnection
}

async function play(reply: Reply, response: ServerResponse): Promise<void> {
  response.writeHead(reply.status ?? 200, reply.headers ?? { 'content-type': 'text/event-stream' })
  response.flushHeaders()
  const left = Promise.withResolvers<void>()
  response.on('close', left.resolve)
  for await (const step of reply.steps ?? []) {
    if (response.destroyed) return
    if (typeof step === 'string' || step instanceof Uint8Array) {
      if (!response.write(step)) await Promise.race([once(response, 'drain').catch(() => {}), left.promise])
    } else if ('pause' in step) {
      await Promise.race([sleep(step.pause), left.promise])
    } else if ('cut' in step) {
      response.socket?.destroy()
      return
    } else {
      step.arrive()
      await Promise.race([step.opened, left.promise])
    }
  }
  response.end()
}

// ── Answers in OpenAI's form ────────────────────────────────────────────────────────────────────────────────

/** One SSE frame. */
export function frame(data: unknown): string {
  return `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`
}

export const DONE = frame('[DONE]')

/** A chunk with this delta, framed. */
export function chunk(delta: Record<string, unknown>, finishReason: string | null = null): string {
  return frame({
    id: 'chatcmpl-scripted',
    object: 'chat.completion.chunk',
    created: 1_795_000_000,
    model: 'scripted-model',
    choices: [{ index: 0, delta, finish_reason: finishReason }],
  })
}

/** The usage chunk that follows the last choice. */
export function usageChunk(promptTokens: number, completionTokens: number): string {
  return frame({
    id: 'chatcmpl-scripted',
    object: 'chat.completion.chunk',
    created: 1_795_000_000,
    model: 'scripted-model',
    choices: [],
    usage: {
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      total_tokens: promptTokens + completionTokens,
    },
  })
}

/** A whole good answer: these texts, one chunk each. */
export function textReply(...texts: string[]): TextReply {
  return {
    steps: [
      chunk({ role: 'assistant', content: '' }),
      ...texts.map((content) => chunk({ content })),
      chunk({}, 'stop'),
      usageChunk(11, 7),
      DONE,
    ],
  }
}

/** A whole good answer that calls one tool, its arguments in these fragments. */
export function toolReply(name: string, argumentFragments: readonly string[], id = 'call_scripted_1'): Reply {
  return {
    steps: [
      chunk({
        role: 'assistant',
        content: null,
        tool_calls: [{ index: 0, id, type: 'function', function: { name, arguments: '' } }],
      }),
      ...argumentFragments.map((text) =>
        chunk({ tool_calls: [{ index: 0, function: { arguments: text } }] }),
      ),
      chunk({}, 'tool_calls'),
      usageChunk(23, 9),
      DONE,
    ],
  }
}

/** An error answer in OpenAI's form. */
export function errorReply(status: number, message: string, headers: Record<string, string> = {}): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    steps: [JSON.stringify({ error: { message, type: 'scripted_error', param: null, code: null } })],
  }
}
