import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { dirname } from 'node:path'

/** What became of one invocation, told at its first byte. */
export type Outcome =
  /** `body` has the answer's bytes from the prelude on; its trailers tell of an error after the first byte. */
  | { readonly kind: 'stream'; readonly body: IncomingMessage }
  /** The handler returned a value. */
  | { readonly kind: 'value'; readonly json: string }
  | { readonly kind: 'failed'; readonly reason: string }
  /** The process ended before it took the invocation: it can go to another. */
  | { readonly kind: 'not taken' }

export interface SandboxOptions {
  /** The bundle: handler `index.handler`. */
  readonly bundle: string
  readonly environment: Readonly<Record<string, string>>
  readonly timeoutMilliseconds: number
  readonly memory: number
  /** Gets everything the function writes. */
  readonly onOutput: (text: string) => void
}

/** In `finishing` the answer is complete, and the function is not back for its next invocation yet. */
type State = 'starting' | 'idle' | 'busy' | 'finishing' | 'ended'

interface Invocation {
  readonly id: string
  readonly event: string
  readonly tell: (outcome: Outcome) => void
}

const PRELOAD = new URL('./native-client-preload.mjs', import.meta.url).href
const RUNTIME_CLIENT = createRequire(import.meta.url).resolve('aws-lambda-ric')
const ARN = 'arn:aws:lambda:eu-central-1:111122223333:function:messages-lambda'
const ERROR_TRAILER = 'lambda-runtime-function-error-type'

/**
 * One execution environment: a Lambda Runtime API of its own, and the process that the real runtime client runs in.
 * It serves one invocation at a time and is frozen (SIGSTOP) in between, so that work after the end of an answer
 * stands still, as it does in AWS.
 */
export class Sandbox {
  readonly #options: SandboxOptions
  readonly #server: Server
  #process: ChildProcess | undefined
  #state: State = 'starting'
  /** The held long poll of the runtime client. */
  #poll: ServerResponse | undefined
  #waiting: Invocation | undefined
  #running: Invocation | undefined
  #deadline: NodeJS.Timeout | undefined
  #invocations = 0
  readonly #ended = Promise.withResolvers<void>()

  constructor(options: SandboxOptions) {
    this.#options = options
    this.#server = createServer((request, response) => this.#serve(request, response))
    this.#server.listen(0, '127.0.0.1', () => this.#spawn())
  }

  get pid(): number | undefined {
    return this.#process?.pid
  }

  get state(): State {
    return this.#state
  }

  /** How many invocations it has taken. */
  get invocations(): number {
    return this.#invocations
  }

  /** Whether an invocation may be given to it now: it will take it as soon as it is back. */
  get free(): boolean {
    return this.#waiting === undefined && this.#state !== 'busy' && this.#state !== 'ended'
  }

  invoke(event: string): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    this.#waiting = { id: randomUUID(), event, tell: resolve }
    if (this.#state === 'idle') this.#handOver()
    return promise
  }

  /** Ends the process, whatever it is doing. */
  async close(): Promise<void> {
    this.#process?.kill('SIGKILL')
    if (this.#process === undefined) this.#end('closed')
    await this.#ended.promise
  }

  #spawn(): void {
    const { port } = this.#server.address() as AddressInfo
    const { bundle, environment, memory } = this.#options
    this.#process = spawn(process.execPath, ['--import', PRELOAD, RUNTIME_CLIENT], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        TZ: ':UTC',
        AWS_REGION: 'eu-central-1',
        AWS_DEFAULT_REGION: 'eu-central-1',
        AWS_ACCESS_KEY_ID: 'ASIAEXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'example',
        AWS_SESSION_TOKEN: 'example',
        AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
        AWS_LAMBDA_FUNCTION_NAME: 'messages-lambda',
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memory),
        AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/messages-lambda',
        AWS_LAMBDA_LOG_STREAM_NAME: 'stream',
        AWS_LAMBDA_LOG_FORMAT: 'JSON',
        AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
        ...environment,
        AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
        LAMBDA_TASK_ROOT: dirname(bundle),
        _HANDLER: 'index.handler',
      },
    })
    this.#process.stdout?.on('data', (bytes) => this.#options.onOutput(String(bytes)))
    this.#process.stderr?.on('data', (bytes) => this.#options.onOutput(String(bytes)))
    this.#process.once('error', (error) => this.#end(error.message))
    this.#process.once('close', (code, signal) => this.#end(`the process ended with ${signal ?? code}`))
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const path = (request.url ?? '').replace('/2018-06-01/runtime/', '')
    const id = this.#running?.id
    if (path === 'invocation/next') this.#onNext(response)
    else if (path === 'init/error' || path === `invocation/${id}/error`) this.#onReport(request, response)
    else if (path === `invocation/${id}/response`) this.#onResponse(request, response)
    else response.writeHead(400).end('{"errorType":"InvalidRequestID"}')
  }

  /**
   * The function asks for its next invocation. After an error it asks before the answer that tells of the error has
   * come in over its other connection, so its answer is waited for.
   */
  #onNext(response: ServerResponse): void {
    this.#poll = response
    if (this.#state !== 'busy') this.#rest()
  }

  /** Between two invocations. */
  #rest(): void {
    clearTimeout(this.#deadline)
    this.#running = undefined
    this.#state = 'idle'
    if (this.#waiting === undefined) this.#signal('SIGSTOP')
    else this.#handOver()
  }

  #handOver(): void {
    const invocation = this.#waiting
    if (invocation === undefined || this.#poll === undefined) return
    this.#waiting = undefined
    this.#running = invocation
    this.#state = 'busy'
    this.#invocations += 1
    const { timeoutMilliseconds } = this.#options
    this.#deadline = setTimeout(() => this.#onTimeout(), timeoutMilliseconds)
    this.#signal('SIGCONT')
    this.#poll.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': invocation.id,
      'lambda-runtime-deadline-ms': String(Date.now() + timeoutMilliseconds),
      'lambda-runtime-invoked-function-arn': ARN,
      'lambda-runtime-trace-id': 'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0',
    })
    this.#poll.end(invocation.event)
    this.#poll = undefined
  }

  #onTimeout(): void {
    const seconds = (this.#options.timeoutMilliseconds / 1000).toFixed(2)
    this.#running?.tell({ kind: 'failed', reason: `Task timed out after ${seconds} seconds` })
    this.#process?.kill('SIGKILL')
  }

  #onResponse(request: IncomingMessage, response: ServerResponse): void {
    const invocation = this.#running
    if (request.headers['lambda-runtime-function-response-mode'] !== 'streaming') {
      void readText(request).then((json) => {
        this.#finish()
        invocation?.tell({ kind: 'value', json })
        response.writeHead(202).end()
      })
      return
    }
    request.once('end', () => {
      this.#finish()
      response.writeHead(202).end()
    })
    // An answer begins with its first byte, not with the request that carries it: a throw in between is a failure.
    request.once('readable', () => {
      const thrown = request.readableLength === 0 ? request.trailers[ERROR_TRAILER] : undefined
      invocation?.tell(
        thrown === undefined ? { kind: 'stream', body: request } : { kind: 'failed', reason: thrown },
      )
      if (thrown !== undefined) request.resume()
    })
  }

  /** An error of INIT or of an invocation. */
  #onReport(request: IncomingMessage, response: ServerResponse): void {
    void readText(request).then((reason) => {
      this.#running?.tell({ kind: 'failed', reason })
      // Of INIT: what waited for this environment will not be served by it.
      if (this.#state === 'starting') this.#waiting?.tell({ kind: 'failed', reason })
      this.#finish()
      response.writeHead(202).end()
    })
  }

  /** The answer is complete. The function may be doing something still: only its next poll says that it is done. */
  #finish(): void {
    if (this.#state !== 'busy') return
    this.#state = 'finishing'
    if (this.#poll !== undefined) this.#rest()
  }

  /** Freezing and thawing, where the system can. */
  #signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    if (process.platform !== 'win32') this.#process?.kill(signal)
  }

  #end(reason: string): void {
    clearTimeout(this.#deadline)
    this.#state = 'ended'
    this.#running?.tell({ kind: 'failed', reason })
    this.#waiting?.tell({ kind: 'not taken' })
    this.#server.close()
    this.#server.closeAllConnections()
    this.#ended.resolve()
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  await once(request, 'end')
  return Buffer.concat(parts).toString('utf8')
}
