import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { GatewayError } from '../../lambda/errors.ts'
import { MAX_BODY_BYTES } from '../../lambda/request-body.ts'

/**
 * Bodies above this are compressed. Lambda takes 6 MB of request, counted after its own JSON escaping; a history
 * shrinks to a quarter or less, and below this size the time is better spent on sending.
 */
export const COMPRESS_ABOVE_BYTES = 1024 * 1024

/** A body as it goes out, with the headers that describe it. */
export interface OutgoingBody {
  readonly bytes: Buffer
  readonly headers: Readonly<Record<string, string>>
}

/** Reads the whole request: the signature needs the hash of the body before its first byte is sent. */
export async function readRequestBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    // Read to its end, though not kept: a client that is cut off while it sends never reads why.
    if (size > MAX_BODY_BYTES) chunks.length = 0
    else chunks.push(chunk)
  }
  if (size > MAX_BODY_BYTES) {
    throw new GatewayError(
      'request_too_large',
      'The request is larger than 32 MB. Run /compact, or send fewer images.',
    )
  }
  return Buffer.concat(chunks)
}

/**
 * Compressed where that helps. A compressed body goes out as `application/octet-stream`: for JSON, a Function URL
 * hands the body over as text, and whether it looks at `content-encoding` first is not documented (2026-11).
 */
export async function toOutgoingBody(
  body: Buffer,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Promise<OutgoingBody> {
  if (body.length <= COMPRESS_ABOVE_BYTES || headers['content-encoding'] !== undefined) {
    return { bytes: body, headers: {} }
  }
  return {
    bytes: await promisify(gzip)(body),
    headers: { 'content-encoding': 'gzip', 'content-type': 'application/octet-stream' },
  }
}
