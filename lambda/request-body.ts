import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib'
import { GatewayError } from './errors.ts'
import type { GatewayRequest } from './http.ts'

/** The Messages API's own limit (docs "errors", 2026-11). Lambda's, 6 MB of event, comes earlier. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024

const DECODERS: Readonly<
  Record<string, (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Uint8Array>>
> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
}

/**
 * The body as the caller meant it: decompressed, bounded. The connector compresses long histories, so that they
 * fit through Lambda's 6 MB limit.
 * @throws GatewayError `request_too_large`, `invalid_request`.
 */
export async function readBody(request: Pick<GatewayRequest, 'headers' | 'body'>): Promise<Uint8Array> {
  if (request.body.byteLength > MAX_BODY_BYTES) throw tooLarge()
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  if (encoding === 'identity' || encoding === '') return request.body
  const decode = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding] : undefined
  if (!decode) {
    throw new GatewayError(
      'invalid_request',
      `content-encoding "${encoding.slice(0, 40)}" is not understood. Use gzip, deflate, br, zstd or none.`,
    )
  }
  try {
    return await decode(request.body, { maxOutputLength: MAX_BODY_BYTES })
  } catch (cause) {
    if (cause instanceof RangeError || (cause as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE')
      throw tooLarge(cause)
    throw new GatewayError('invalid_request', `The body is not valid ${encoding} data.`, { cause })
  }
}

/** The refusal of a body over the limit, in the same words by whoever notices first. */
export function tooLarge(cause?: unknown): GatewayError {
  return new GatewayError(
    'request_too_large',
    'Request exceeds the maximum size of 32 MB. Compact the conversation or send fewer images.',
    { cause },
  )
}
