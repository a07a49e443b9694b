import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ErrorKind } from '../../lambda/errors.ts'
import { chunk, DONE, frame, textReply, usageChunk } from './scripted-upstream.ts'

/**
 * What must come of a fault. `error`: the exchange fails before anything has gone to the caller, so that there is a
 * status. `stream error`: an answer was opened and ends with an error. `message`: the answer is whole all the same.
 */
export type Outcome =
  | { readonly kind: 'error'; readonly error: ErrorKind }
  | { readonly kind: 'stream error'; readonly error: ErrorKind }
  | { readonly kind: 'message'; readonly text: string }

export interface Fault {
  /** A sentence whose subject is the provider. */
  readonly name: string
  /** Plays on a raw socket, after the request has come. Absent: nobody listens. */
  readonly play?: (socket: Socket) => Promise<void> | void
  /** Plays when the connection stands, before the request. */
  readonly onConnection?: (socket: Socket) => void
  readonly expected: Outcome
  /** Whether it stands in time limits (`first_byte_seconds`, `idle_seconds`), so that tests set them short. */
  readonly slow?: true
}

const WHOLE = textReply('Hello', ' world').steps
const GOOD: Outcome = { kind: 'message', text: 'Hello world' }
const FIRST = `${chunk({ role: 'assistant', content: '' })}${chunk({ content: 'Hello' })}`

const UNREACHABLE: Outcome = { kind: 'error', error: 'upstream' }
const TOO_SLOW: Outcome = { kind: 'error', error: 'timeout' }
const CUT: Outcome = { kind: 'stream error', error: 'upstream' }
const FELL_SILENT: Outcome = { kind: 'stream error', error: 'timeout' }

/** A head in HTTP/1.1 whose body ends with the connection. */
function head(status = '200 OK', headers: readonly string[] = ['content-type: text/event-stream']): string {
  return `HTTP/1.1 ${[status, ...headers, 'connection: close'].join('\r\n')}\r\n\r\n`
}

/** A chunk of HTTP's chunked encoding: without the last one, a cut can be told from an end. */
function transfer(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
}
const CHUNKED = head('200 OK', ['content-type: text/event-stream', 'transfer-encoding: chunked'])

const nothing = () => {}

/** Writes the parts, each as a packet of its own, and leaves the connection open. */
function stallAfter(...parts: (string | Uint8Array)[]) {
  return async (socket: Socket) => {
    for (const part of parts) {
      socket.write(part)
      await sleep(15)
    }
  }
}

function closeAfter(...parts: (string | Uint8Array)[]) {
  return async (socket: Socket) => {
    await stallAfter(...parts)(socket)
    socket.end()
  }
}

/** The beginning of a text, then this byte again and again, until the gateway goes away. */
function dripAfter(start: string, text: string) {
  return async (socket: Socket) => {
    socket.write(start)
    while (!socket.destroyed) {
      socket.write(text)
      await sleep(20)
    }
  }
}

/** As much as the gateway takes, up to 100 MB, without a line end. */
async function hugeLine(socket: Socket, start: string): Promise<void> {
  socket.write(start)
  const piece = Buffer.alloc(256 * 1024, 'x')
  const gone = once(socket, 'close').catch(nothing)
  for (let sent = 0; sent < 100 * 1024 * 1024 && !socket.destroyed; sent += piece.length) {
    if (socket.write(piece)) continue
    const drained = new AbortController()
    await Promise.race([once(socket, 'drain', drained).catch(nothing), gone])
    drained.abort()
  }
  socket.end()
}

const TOOL_START = `${chunk({ role: 'assistant', content: null })}${chunk({
  tool_calls: [
    { index: 0, id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"ci' } },
  ],
})}`

/** Every way in which a provider fails that we know of, and what must come of it. */
export const FAULTS: readonly Fault[] = [
  // ── No answer ───────────────────────────────────────────────────────────────────────────────────────────────
  { name: 'refuses the connection', expected: UNREACHABLE },
  {
    name: 'resets the connection at once',
    onConnection: (socket) => socket.resetAndDestroy(),
    expected: UNREACHABLE,
  },
  {
    name: 'resets the connection after the request',
    play: (socket) => void socket.resetAndDestroy(),
    expected: UNREACHABLE,
  },
  {
    name: 'closes the connection without an answer',
    play: (socket) => void socket.end(),
    expected: UNREACHABLE,
  },
  { name: 'says nothing at all', play: nothing, expected: TOO_SLOW, slow: true },
  {
    name: 'stalls inside the headers',
    play: stallAfter('HTTP/1.1 200 OK\r\ncontent-ty'),
    expected: TOO_SLOW,
    slow: true,
  },
  {
    name: 'drips headers without end',
    play: dripAfter('HTTP/1.1 200 OK\r\nx-a: ', 'a'),
    expected: TOO_SLOW,
    slow: true,
  },
  { name: 'stalls after the headers', play: stallAfter(head()), expected: TOO_SLOW, slow: true },
  {
    name: 'closes inside the headers',
    play: closeAfter('HTTP/1.1 200 OK\r\ncontent-ty'),
    expected: UNREACHABLE,
  },
  {
    name: 'sends something that is not HTTP',
    play: closeAfter('SSH-2.0-OpenSSH_9.9\r\n'),
    expected: UNREACHABLE,
  },
  {
    name: 'sends headers beyond all measure',
    play: closeAfter(`HTTP/1.1 200 OK\r\nx-long: ${'a'.repeat(64 * 1024)}\r\n\r\n`),
    expected: UNREACHABLE,
  },
  // ── A status that is no answer ──────────────────────────────────────────────────────────────────────────────
  {
    name: 'answers with a redirect',
    play: closeAfter(
      head('307 Temporary Redirect', ['location: http://127.0.0.1:9/elsewhere', 'content-length: 0']),
    ),
    expected: UNREACHABLE,
  },
  {
    name: 'answers 502 with a web page',
    play: closeAfter(
      head('502 Bad Gateway', ['content-type: text/html']),
      '<html><body>Bad Gateway</body></html>',
    ),
    expected: UNREACHABLE,
  },
  {
    name: 'answers 429 again and again',
    play: closeAfter(
      head('429 Too Many Requests', ['content-type: application/json', 'retry-after: 1']),
      '{"error":{"message":"Rate limit reached","type":"requests","code":"rate_limit_exceeded"}}',
    ),
    expected: { kind: 'error', error: 'rate_limit' },
  },
  {
    name: 'answers 503 again and again',
    play: closeAfter(head('503 Service Unavailable', ['content-type: text/plain']), 'no healthy upstream'),
    expected: { kind: 'error', error: 'overloaded' },
  },
  {
    name: 'breaks off inside an error body',
    play: closeAfter(head('500 Internal Server Error', ['content-length: 500']), '{"error":{"mess'),
    expected: UNREACHABLE,
  },
  // ── A good status and no answer ─────────────────────────────────────────────────────────────────────────────
  { name: 'sends an empty body', play: closeAfter(head()), expected: UNREACHABLE },
  {
    name: 'sends garbage',
    play: closeAfter(head(), Buffer.from([0, 255, 254, 7, 10, 200, 10, 10])),
    expected: UNREACHABLE,
  },
  {
    name: 'sends a web page',
    play: closeAfter(
      head('200 OK', ['content-type: text/html']),
      '<!doctype html><html><body>Sign in</body></html>',
    ),
    expected: UNREACHABLE,
  },
  {
    name: 'sends an error object as the whole body',
    play: closeAfter(
      head('200 OK', ['content-type: application/json']),
      '{"error":{"message":"model is loading","code":503}}',
    ),
    expected: { kind: 'error', error: 'overloaded' },
  },
  {
    name: 'sends an error as the first chunk',
    play: closeAfter(head(), frame({ error: { message: 'the engine died', code: 500 } }), DONE),
    expected: UNREACHABLE,
  },
  {
    name: 'sends a line of 100 MB',
    play: (socket) => hugeLine(socket, `${head()}data: {"x":"`),
    expected: UNREACHABLE,
  },
  {
    name: 'sends a JSON body of 100 MB',
    play: (socket) => hugeLine(socket, `${head('200 OK', ['content-type: application/json'])}{"x":"`),
    expected: UNREACHABLE,
  },
  // ── An answer that breaks off ───────────────────────────────────────────────────────────────────────────────
  {
    name: 'stalls in the middle of a line',
    play: stallAfter(head(), FIRST, 'data: {"choi'),
    expected: FELL_SILENT,
    slow: true,
  },
  {
    name: 'stalls in the middle of a character',
    play: stallAfter(
      head(),
      FIRST,
      Buffer.concat([Buffer.from('data: {"choices":[{"delta":{"content":"'), Buffer.from([0xf0, 0x9f])]),
    ),
    expected: FELL_SILENT,
    slow: true,
  },
  {
    name: 'stalls in the middle of a tool call',
    play: stallAfter(head(), TOOL_START),
    expected: FELL_SILENT,
    slow: true,
  },
  {
    name: 'drips a line that never ends',
    play: dripAfter(`${head()}${FIRST}data: {"choices":[{"delta":{"content":"`, 'a'),
    expected: FELL_SILENT,
    slow: true,
  },
  {
    name: 'closes in the middle of a line',
    play: closeAfter(CHUNKED, transfer(FIRST), transfer('data: {"choi')),
    expected: CUT,
  },
  {
    name: 'closes in the middle of a tool call',
    play: closeAfter(CHUNKED, transfer(TOOL_START)),
    expected: CUT,
  },
  { name: 'ends without a finish reason', play: closeAfter(head(), FIRST), expected: CUT },
  {
    name: 'resets the connection in the middle of the answer',
    play: async (socket) => {
      await stallAfter(head(), FIRST)(socket)
      socket.resetAndDestroy()
    },
    expected: CUT,
  },
  {
    name: 'sends an error in the middle of the answer',
    play: closeAfter(
      head(),
      FIRST,
      `event: error\n${frame({ error: { message: 'the engine died', code: 500 } })}`,
    ),
    expected: CUT,
  },
  {
    name: 'sends a line of 100 MB in the middle of the answer',
    play: async (socket) => {
      await stallAfter(head(), FIRST)(socket)
      await hugeLine(socket, 'data: {"x":"')
    },
    expected: CUT,
  },
  {
    name: 'promises less content than it sends',
    play: closeAfter(
      head('200 OK', ['content-type: text/event-stream', `content-length: ${FIRST.length + 9}`]),
      FIRST,
      WHOLE.slice(2).join(''),
    ),
    expected: CUT,
  },
  // ── An answer that is whole, in a strange shape ─────────────────────────────────────────────────────────────
  {
    name: 'promises more content than it sends, after a whole answer',
    play: closeAfter(
      head('200 OK', ['content-type: text/event-stream', 'content-length: 999999']),
      WHOLE.join(''),
    ),
    expected: GOOD,
  },
  {
    name: 'writes one byte at a time',
    play: async (socket) => {
      socket.setNoDelay(true)
      for (const byte of Buffer.from(`${head()}${WHOLE.join('')}`)) {
        socket.write(Buffer.of(byte))
        await new Promise(setImmediate)
      }
      socket.end()
    },
    expected: GOOD,
  },
  {
    name: 'ends its lines with CR and LF',
    play: closeAfter(head(), WHOLE.join('').replaceAll('\n', '\r\n')),
    expected: GOOD,
  },
  {
    name: 'ends its lines with CR',
    play: closeAfter(head(), WHOLE.join('').replaceAll('\n', '\r')),
    expected: GOOD,
  },
  {
    name: 'puts one line end between events',
    play: closeAfter(head(), WHOLE.join('').replaceAll('\n\n', '\n')),
    expected: GOOD,
  },
  {
    name: 'leaves out the last blank line',
    play: closeAfter(head(), WHOLE.join('').trimEnd()),
    expected: GOOD,
  },
  {
    name: 'begins with a byte order mark and blank lines',
    play: closeAfter(head(), '\uFEFF', '\n\n', WHOLE.join('')),
    expected: GOOD,
  },
  {
    name: 'puts comments and broken lines between chunks',
    play: closeAfter(
      head(),
      ': KEEPALIVE\n\n',
      WHOLE[0] ?? '',
      'data: {"broken\n\nnonsense\n\n',
      WHOLE.slice(1).join(''),
    ),
    expected: GOOD,
  },
  {
    name: 'keeps the connection open after its last word',
    play: stallAfter(head(), WHOLE.join('')),
    expected: GOOD,
  },
  {
    name: 'answers with a whole JSON body although a stream was asked for',
    play: closeAfter(
      head('200 OK', ['content-type: application/json']),
      JSON.stringify({
        id: 'chatcmpl-1',
        object: 'chat.completion',
        choices: [
          { index: 0, message: { role: 'assistant', content: 'Hello world' }, finish_reason: 'stop' },
        ],
        usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
      }),
    ),
    expected: GOOD,
  },
  {
    name: 'resets the connection after its last word',
    play: async (socket) => {
      await stallAfter(
        head(),
        `${chunk({ content: 'Hello world' })}${chunk({}, 'stop')}${usageChunk(1, 1)}${DONE}`,
      )(socket)
      socket.resetAndDestroy()
    },
    expected: GOOD,
  },
]

export interface FaultServer {
  /** Base URL in OpenAI's form: `http://127.0.0.1:PORT/v1`. */
  readonly url: string
  readonly openConnections: () => number
  /** How many requests have come. */
  readonly requests: () => number
  close(): Promise<void>
}

/** A server on a free loopback port that does this one thing to every request. */
export async function startFaultServer(fault: Fault): Promise<FaultServer> {
  const sockets = new Set<Socket>()
  let requests = 0
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    // Both sides break connections on purpose here.
    socket.on('error', nothing)
    fault.onConnection?.(socket)
    onRequest(socket, () => {
      requests += 1
      void fault.play?.(socket)
    })
  })
  const port = await listening(server)
  if (fault.play === undefined && fault.onConnection === undefined) await closed(server)
  return {
    url: `http://127.0.0.1:${port}/v1`,
    openConnections: () => sockets.size,
    requests: () => requests,
    async close() {
      for (const socket of sockets) socket.destroy()
      if (server.listening) await closed(server)
    },
  }
}

/** Calls back once per request, when all of its body has come. */
function onRequest(socket: Socket, ready: () => void): void {
  let received = Buffer.alloc(0)
  socket.on('data', (bytes) => {
    received = Buffer.concat([received, bytes])
    const end = received.indexOf('\r\n\r\n')
    if (end === -1) return
    const length = Number(
      /content-length: (\d+)/i.exec(received.subarray(0, end).toString('latin1'))?.[1] ?? 0,
    )
    if (received.length < end + 4 + length) return
    received = Buffer.alloc(0)
    ready()
  })
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address.port
}

async function closed(server: Server): Promise<void> {
  server.close()
  await once(server, 'close')
}
