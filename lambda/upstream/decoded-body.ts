import { pipeline } from 'node:stream'
import { constants, createBrotliDecompress, createUnzip, createZstdDecompress } from 'node:zlib'
import { GatewayError } from '../errors.ts'
import type { ReleasableBody } from './chunk-batches.ts'
import type { UpstreamResponse } from './http-client.ts'
import { toTransportError } from './transport-error.ts'

const SYNC = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH }

const DECODERS: Readonly<Record<string, () => NodeJS.ReadWriteStream & AsyncIterable<Uint8Array>>> = {
  gzip: () => createUnzip(SYNC),
  'x-gzip': () => createUnzip(SYNC),
  deflate: () => createUnzip(SYNC),
  br: () => createBrotliDecompress({ flush: constants.BROTLI_OPERATION_FLUSH }),
  zstd: () => createZstdDecompress({ flush: constants.ZSTD_e_flush }),
}

/**
 * The body of an answer as plain bytes. We ask for no compression, and some proxies in front of model servers compress
 * all the same. Decoded as it comes and only as fast as it is read, so a bomb meets the bounds on a line.
 */
export function decodedBody({ body, headers }: UpstreamResponse, provider: string): ReleasableBody {
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  const decoder = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding]?.() : undefined
  if (decoder === undefined) return body
  // What breaks here is thrown to the reader below; the callback is where pipeline() tells it, too.
  pipeline(body, decoder, () => {})
  return {
    async *[Symbol.asyncIterator]() {
      try {
        yield* decoder
      } catch (thrown) {
        throw thrown instanceof GatewayError ? thrown : toTransportError(provider, thrown)
      }
    },
  }
}
