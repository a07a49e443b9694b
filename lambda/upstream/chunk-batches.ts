import { StringDecoder } from 'node:string_decoder'
import type { ChatChunk } from '../openai/chat-chunk.ts'
import { toTimeoutError } from './transport-error.ts'

const LINE_FEED = 10
const CARRIAGE_RETURN = 13

/** How text becomes chunks: SSE for Chat Completions, lines of JSON for Ollama. */
export interface Framing {
  /** Takes decoded text and appends the chunks that it completes. @throws UpstreamError when it cannot go on. */
  feed(text: string, into: ChatChunk[]): void
  /** The body is over; what is left is completed. @throws UpstreamError when it was no answer at all. */
  end(into: ChatChunk[]): void
  /** The provider has said that this is all (`[DONE]`). */
  readonly finished: boolean
}

/** A body that can be told that nothing more is wanted of it, and why. */
export interface ReleasableBody extends AsyncIterable<Uint8Array> {
  /** The answer is complete, so that the connection may serve again. */
  release?(): void
}

export interface ChunkBatchOptions {
  /** The configured name, for messages. */
  readonly provider: string
  /** Longest wait without a completed line, after the first. Absent: none. */
  readonly idleSeconds?: number
}

/**
 * One array of chunks per read of the body; reads that complete none yield nothing. Characters may be cut anywhere.
 * Layers above see what one upstream read brought as one batch, so that it goes out as one write.
 */
export async function* chunkBatches(
  body: ReleasableBody,
  framing: Framing,
  { provider, idleSeconds = Number.POSITIVE_INFINITY }: ChunkBatchOptions,
): AsyncGenerator<readonly ChatChunk[]> {
  const decoder = new StringDecoder('utf8')
  // A provider that drips bytes without ever completing a line is silent, whatever the socket thinks. Time that the
  // consumer takes, and the wait for the first byte, are not its silence.
  let waited = 0
  let waitingSince: number | undefined
  for await (const bytes of body) {
    if (waitingSince !== undefined) waited += performance.now() - waitingSince
    if (bytes.includes(LINE_FEED) || bytes.includes(CARRIAGE_RETURN)) waited = 0
    else if (waited > idleSeconds * 1000) {
      throw toTimeoutError(provider, 'completed no line of its answer', idleSeconds, 'idle_seconds')
    }
    const chunks: ChatChunk[] = []
    framing.feed(decoder.write(bytes), chunks)
    if (framing.finished) body.release?.()
    if (chunks.length > 0) yield chunks
    if (framing.finished) return
    waitingSince = performance.now()
  }
  const rest: ChatChunk[] = []
  framing.feed(decoder.end(), rest)
  framing.end(rest)
  if (rest.length > 0) yield rest
}
