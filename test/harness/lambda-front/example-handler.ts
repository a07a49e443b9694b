import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** A function for the tests of the front: the path says how it behaves. */

interface ExampleEvent {
  readonly rawPath: string
  readonly queryStringParameters?: Readonly<Record<string, string>>
}

type Behaviour = (stream: awslambda.HttpResponseStream, event: ExampleEvent) => Promise<void>

if (process.env['FAIL_INIT'] !== undefined) throw new Error('the example fails while it initialises')

const BEHAVIOURS: Record<string, Behaviour> = {
  /** The event it got, with a status, a header and two cookies of its own. */
  '/echo': async (stream, event) => {
    const metadata = { statusCode: 201, headers: { 'x-example': 'yes' }, cookies: ['a=1', 'b=2; Path=/'] }
    awslambda.HttpResponseStream.from(stream, metadata).write(JSON.stringify(event))
    await finish(stream)
  },
  /** What `?url=` answers, piece by piece as it comes. */
  '/relay': async (stream, event) => {
    const [upstream] = (await once(get(event.queryStringParameters?.['url'] ?? ''), 'response')) as [
      IncomingMessage,
    ]
    await pipeline(upstream, begin(stream))
  },
  '/large': async (stream, event) => {
    const kilobyte = Buffer.alloc(1024, 'x')
    const count = Number(event.queryStringParameters?.['kilobytes'])
    await pipeline(Readable.from(repeat(kilobyte, count)), begin(stream))
    process.stdout.write('all is written\n')
  },
  '/throw-before': async () => {
    throw new Error('before the first byte')
  },
  '/throw-after': async (stream) => {
    begin(stream).write('some')
    throw new Error('after the first byte')
  },
  '/empty': async (stream) => {
    begin(stream).write('')
    await finish(stream)
  },
  '/nothing': async (stream) => {
    begin(stream)
    await finish(stream)
  },
  '/plain': async (stream) => {
    stream.setContentType('text/plain')
    stream.write('no prelude')
    await finish(stream)
  },
  '/exit': async (stream) => {
    await new Promise((resolve) => begin(stream).write('some', 'utf8', resolve))
    process.exit(7)
  },
  '/hang': () => new Promise(() => setInterval(() => {}, 1000)),
}

export const handler = awslambda.streamifyResponse<ExampleEvent>(async (event, stream) => {
  await BEHAVIOURS[event.rawPath]?.(stream, event)
})

function begin(stream: awslambda.HttpResponseStream): awslambda.HttpResponseStream {
  return awslambda.HttpResponseStream.from(stream, {
    statusCode: 200,
    headers: { 'content-type': 'text/plain' },
  })
}

async function finish(stream: awslambda.HttpResponseStream): Promise<void> {
  const finished = once(stream, 'finish')
  stream.end()
  await finished
}

function* repeat(piece: Buffer, count: number): Generator<Buffer> {
  for (let sent = 0; sent < count; sent += 1) yield piece
}
