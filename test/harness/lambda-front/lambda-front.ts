import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { ensureBundle } from '../bundle.ts'
import { type SignedIdentity, toFunctionUrlEvent } from './function-url-event.ts'
import { readPrelude } from './prelude.ts'
import { type Outcome, Sandbox } from './sandbox.ts'

/** A request as the URL sees it, for the one who checks signatures. */
export interface SignedRequest {
  readonly method: string
  /** Path with query, as sent. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

export interface LambdaFrontOptions {
  /** A file `index.mjs` that exports `handler`. Default: the bundle that CDK deploys, built when a source is newer. */
  readonly bundle?: string
  /** What the stack would set: `MODEL_TABLE`, `PROVIDER_SECRET_ARN`, `GATEWAY_CONFIG` … */
  readonly environment?: Readonly<Record<string, string>>
  /** Environments that may exist at the same time. Default 10. */
  readonly maxConcurrency?: number
  /** The function's timeout. Default: 15 minutes. */
  readonly timeoutMilliseconds?: number
  readonly memory?: number
  /**
   * Present: the URL is `AWS_IAM`. Either who every caller is, or a check of the signature that says who the caller is,
   * and undefined for nobody.
   */
  readonly iam?: SignedIdentity | ((request: SignedRequest) => SignedIdentity | undefined)
}

export interface LambdaFront {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string
  /** The environments that exist now. */
  processes(): {
    readonly pid: number | undefined
    readonly state: Sandbox['state']
    readonly invocations: number
  }[]
  /** Everything the function has written to its log. */
  output(): string
  /** Ends all environments, so that the next request is a cold start. */
  recycle(): Promise<void>
  close(): Promise<void>
}

/** Synchronous invocation: 6 MB of event, JSON escapes and base64 included. */
const EVENT_LIMIT = 6 * 1024 * 1024
const ERROR_TRAILER = 'lambda-runtime-function-error-type'
/** Headers that belong to a connection, not to an answer. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'upgrade'])

/**
 * A Function URL with response streaming, on the laptop: each request becomes an event for one execution environment
 * that runs the real runtime client on the given bundle; environments are started on demand and used again.
 *
 * Not known from a real account and assumed here: a failure before the first byte is a 502, and so is an answer that
 * ends without one.
 */
export async function startLambdaFront(options: LambdaFrontOptions = {}): Promise<LambdaFront> {
  const pool = new Pool(options, options.bundle ?? (await ensureBundle()))
  const server = createServer((request, response) => {
    answer(request, response, pool, options.iam).catch((error: unknown) => {
      pool.output += `the front failed: ${error}\n`
      response.destroy()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    processes: () => pool.sandboxes.map(({ pid, state, invocations }) => ({ pid, state, invocations })),
    output: () => pool.output,
    recycle: () => pool.recycle(),
    close: async () => {
      server.close()
      server.closeAllConnections()
      await pool.close()
    },
  }
}

class Pool {
  output = ''
  readonly #options: LambdaFrontOptions
  readonly #bundle: string
  #sandboxes: Sandbox[] = []
  /** What waited for an environment that was ended must not start another. */
  #closed = false

  constructor(options: LambdaFrontOptions, bundle: string) {
    this.#options = options
    this.#bundle = bundle
  }

  get sandboxes(): readonly Sandbox[] {
    this.#sandboxes = this.#sandboxes.filter(({ state }) => state !== 'ended')
    return this.#sandboxes
  }

  /** @returns undefined when all environments are busy. */
  async invoke(event: string): Promise<Outcome | undefined> {
    for (;;) {
      const sandbox = this.sandboxes.find(({ free }) => free) ?? this.#start()
      if (sandbox === undefined) return undefined
      const outcome = await sandbox.invoke(event)
      if (outcome.kind !== 'not taken') return outcome
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.recycle()
  }

  async recycle(): Promise<void> {
    await Promise.all(this.#sandboxes.map((sandbox) => sandbox.close()))
  }

  #start(): Sandbox | undefined {
    if (this.#closed || this.sandboxes.length >= (this.#options.maxConcurrency ?? 10)) return undefined
    const sandbox = new Sandbox({
      bundle: this.#bundle,
      environment: this.#options.environment ?? {},
      timeoutMilliseconds: this.#options.timeoutMilliseconds ?? 900_000,
      memory: this.#options.memory ?? 256,
      onOutput: (text) => {
        this.output += text
      },
    })
    this.#sandboxes.push(sandbox)
    return sandbox
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  pool: Pool,
  iam: LambdaFrontOptions['iam'],
): Promise<void> {
  const body = await readBody(request)
  if (body === undefined) return refuse(response, 413, TOO_LARGE)
  const identity = typeof iam === 'function' ? iam(toSignedRequest(request, body)) : iam
  if (iam !== undefined && identity === undefined) return refuse(response, 403, 'Forbidden')
  const event = JSON.stringify(toFunctionUrlEvent(request, body, identity))
  if (Buffer.byteLength(event) > EVENT_LIMIT) return refuse(response, 413, TOO_LARGE)
  const outcome = await pool.invoke(event)
  if (outcome === undefined) return refuse(response, 429, 'Rate Exceeded.')
  if (outcome.kind === 'stream') return sendStream(outcome.body, response)
  if (outcome.kind === 'value') return sendValue(outcome.json, response)
  return refuse(response, 502, 'Internal Server Error')
}

const TOO_LARGE = `Request must be smaller than ${EVENT_LIMIT} bytes for the InvokeFunction operation`

/** What AWS itself answers, without asking the function. */
function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ Message: message }))
}

/** @returns undefined when it cannot be an event, whatever it holds. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request) {
    length += part.length
    // Read on, so that a client which writes before it reads gets the answer.
    if (length <= EVENT_LIMIT) parts.push(part)
  }
  return length <= EVENT_LIMIT ? Buffer.concat(parts) : undefined
}

function toSignedRequest(request: IncomingMessage, body: Buffer): SignedRequest {
  return { method: request.method ?? 'GET', path: request.url ?? '/', headers: request.headers, body }
}

/** Passes the answer on, at the caller's pace. A caller who has left is not told to the function: it runs to its end. */
async function sendStream(body: IncomingMessage, response: ServerResponse): Promise<void> {
  const begun = await readPrelude(body, body.headers['content-type']).catch((error: unknown) => {
    // Read to its end all the same, so that the environment gets free.
    body.resume()
    throw error
  })
  if (begun === undefined) return refuse(response, 502, 'Internal Server Error')
  writeHead(response, begun.prelude)
  await write(response, begun.rest)
  try {
    for await (const chunk of body) await write(response, chunk)
  } catch {
    // The process died in the middle.
    return cut(response)
  }
  if (body.trailers[ERROR_TRAILER] !== undefined) return cut(response)
  response.end()
}

/** What the caller of a failed stream sees: the bytes so far, and no end. */
async function cut(response: ServerResponse): Promise<void> {
  await setImmediate()
  response.destroy()
}

function sendValue(json: string, response: ServerResponse): void {
  const value: unknown = JSON.parse(json)
  if (typeof value !== 'object' || value === null || !('statusCode' in value)) {
    response.writeHead(200, { 'content-type': 'application/json' }).end(json)
    return
  }
  const { statusCode, headers = {}, cookies = [], body = '', isBase64Encoded } = value as BufferedAnswer
  writeHead(response, { statusCode, headers, cookies })
  response.end(Buffer.from(body, isBase64Encoded === true ? 'base64' : 'utf8'))
}

interface BufferedAnswer {
  readonly statusCode: number
  readonly headers?: Readonly<Record<string, string>>
  readonly cookies?: readonly string[]
  readonly body?: string
  readonly isBase64Encoded?: boolean
}

function writeHead(
  response: ServerResponse,
  head: { statusCode: number; headers: Readonly<Record<string, string>>; cookies: readonly string[] },
): void {
  response.statusCode = head.statusCode
  for (const [name, value] of Object.entries(head.headers)) {
    if (!HOP_BY_HOP.has(name.toLowerCase())) response.setHeader(name, value)
  }
  if (head.cookies.length > 0) response.setHeader('set-cookie', [...head.cookies])
  response.flushHeaders()
}

async function write(response: ServerResponse, chunk: Buffer): Promise<void> {
  if (chunk.length === 0 || response.destroyed || response.write(chunk)) return
  await new Promise<void>((resolve) => {
    const goOn = () => {
      response.off('drain', goOn).off('close', goOn)
      resolve()
    }
    response.on('drain', goOn).on('close', goOn)
  })
}
