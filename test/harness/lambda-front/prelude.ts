import type { Readable } from 'node:stream'

/** The HTTP part of a streamed answer: `awslambda.HttpResponseStream.from` writes it before the first byte. */
export interface Prelude {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly cookies: readonly string[]
}

const DELIMITER = Buffer.alloc(8)
const WITH_PRELUDE = 'application/vnd.awslambda.http-integration-response'

/**
 * Reads up to the first byte of the answer and no further: JSON, eight NUL, answer. Without a prelude the answer is a
 * 200 of bytes, as AWS does it.
 * @returns undefined when the stream ended before there was an answer.
 */
export async function readPrelude(
  stream: Readable,
  contentType: string | undefined,
): Promise<{ prelude: Prelude; rest: Buffer } | undefined> {
  let read = Buffer.alloc(0)
  for (;;) {
    const chunk = await nextChunk(stream)
    if (chunk === undefined) return undefined
    read = Buffer.concat([read, chunk])
    if (contentType !== WITH_PRELUDE) {
      const headers = { 'content-type': contentType ?? 'application/octet-stream' }
      return { prelude: { statusCode: 200, headers, cookies: [] }, rest: read }
    }
    const end = read.indexOf(DELIMITER)
    if (end >= 0)
      return { prelude: toPrelude(read.subarray(0, end)), rest: read.subarray(end + DELIMITER.length) }
  }
}

/** The next bytes as they came, leaving the stream paused; undefined at its end. */
async function nextChunk(stream: Readable): Promise<Buffer | undefined> {
  for (;;) {
    const chunk: Buffer | null = stream.read()
    if (chunk !== null) return chunk
    if (stream.readableEnded || stream.destroyed) return undefined
    await new Promise<void>((resolve) => {
      const go = () => {
        for (const event of ['readable', 'end', 'close', 'error']) stream.off(event, go)
        resolve()
      }
      for (const event of ['readable', 'end', 'close', 'error']) stream.on(event, go)
    })
  }
}

function toPrelude(json: Buffer): Prelude {
  const { statusCode = 200, headers = {}, cookies = [] } = JSON.parse(json.toString('utf8'))
  return { statusCode, headers, cookies }
}
