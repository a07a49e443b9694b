import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { presentedCredential } from '../../lambda/access/presented-credential.ts'
import { GatewayError, toErrorEnvelope, toErrorHeaders, toGatewayError } from '../../lambda/errors.ts'
import { newId } from '../../lambda/new-id.ts'
import type { TurnCanceller } from './cancel-turn.ts'
import { readRequestBody, toOutgoingBody } from './request-body.ts'
import { toSignableUrl } from './sign-request.ts'
import type { SignedExchange } from './signed-exchange.ts'

/** A signer that listens for one user's clients. */
export interface Listener {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** What clients must send as bearer or `x-api-key`; other users of the machine do not know it. */
  readonly token: string
  close(): Promise<void>
}

export interface ListenerOptions {
  readonly gateway: URL
  readonly exchange: SignedExchange
  readonly canceller?: TurnCanceller
}

/** Headers of one connection, and those that this side sets or replaces itself. */
const NOT_FORWARDED = new Set([
  'authorization',
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-api-key',
])

/** Listens on loopback, on a port that the system picks. */
export async function startListener(options: ListenerOptions): Promise<Listener> {
  const token = randomBytes(32).toString('base64url')
  const server = createServer((request, response) => {
    answer(request, response, token, options).catch((thrown: unknown) => fail(response, thrown))
  })
  // Claude Code keeps its connection between turns; closing it under its hands would cost a retry.
  server.keepAliveTimeout = 10 * 60_000
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    token,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  token: string,
  { gateway, exchange, canceller }: ListenerOptions,
): Promise<void> {
  if (request.method === 'HEAD') {
    // Claude Code warms its connection up without its token; there is nothing to tell.
    response.writeHead(200).end()
    return
  }
  requireToken(request, token)
  const left = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) left.abort()
  })
  const turn = isTurn(request) ? (canceller?.nameTurn() ?? {}) : {}

  const body = await toOutgoingBody(await readRequestBody(request), request.headers)
  // Only from here on is there a turn that could be ended.
  left.signal.addEventListener('abort', () => void canceller?.callerLeft(turn), { once: true })
  const upstream = await exchange({
    method: request.method ?? 'GET',
    url: toSignableUrl(gateway, request.url ?? '/'),
    headers: { ...forwardedHeaders(request), ...body.headers, ...turn },
    body: body.bytes,
    signal: left.signal,
  })
  response.writeHead(upstream.statusCode ?? 502, forwardedHeaders(upstream))
  response.flushHeaders()
  await pipeline(upstream, response)
}

function requireToken(request: IncomingMessage, token: string): void {
  const { authorization, 'x-api-key': apiKey } = request.headers
  const shown = presentedCredential({
    ...(authorization === undefined ? {} : { authorization }),
    ...(typeof apiKey === 'string' ? { 'x-api-key': apiKey } : {}),
  })
  if (shown && timingSafeEqual(sha256(shown.value), sha256(token))) return
  throw new GatewayError(
    'authentication',
    'This is the connector of another session. Use the ANTHROPIC_AUTH_TOKEN that "messages-lambda connect" printed, or run: messages-lambda connect -- claude',
    { shouldRetry: false },
  )
}

function isTurn(request: IncomingMessage): boolean {
  return request.method === 'POST' && /\/v1\/messages(?:\?|$)/.test(request.url ?? '')
}

function forwardedHeaders({ headers }: IncomingMessage): Record<string, string | string[]> {
  const forwarded: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !NOT_FORWARDED.has(name) && !name.startsWith('x-amz-')) forwarded[name] = value
  }
  return forwarded
}

/** Before the answer began: the envelope. After: the connection is cut, which clients take for what it is. */
function fail(response: ServerResponse, thrown: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  const error = toGatewayError(thrown)
  const id = newId('req')
  response
    .writeHead(error.status, {
      'content-type': 'application/json',
      'request-id': id,
      ...toErrorHeaders(error),
    })
    .end(JSON.stringify(toErrorEnvelope(error, id)))
}

function sha256(value: string): Buffer {
  return createHash('sha256').update(value).digest()
}
