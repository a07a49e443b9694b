import type { GatewayAnswer } from './http.ts'

/** What node:http's response and Lambda's response stream have in common. */
export interface Sink {
  /** Nothing written to it arrives any more, and it tells nobody: neither 'drain' nor 'close' comes again. */
  readonly destroyed: boolean
  write(chunk: string | Uint8Array): boolean
  once(event: 'drain' | 'close' | 'error', listener: () => void): unknown
  off(event: 'drain' | 'close' | 'error', listener: () => void): unknown
}

/**
 * Writes a body with backpressure: while the caller does not take the bytes, nothing more is read from upstream.
 * Ends early, and lets the body clean up after itself, when `signal` is aborted or the sink is gone.
 */
export async function writeBody(body: GatewayAnswer['body'], sink: Sink, signal: AbortSignal): Promise<void> {
  if (typeof body === 'string') {
    sink.write(body)
    return
  }
  for await (const piece of body) {
    if (signal.aborted || sink.destroyed) return
    if (!sink.write(piece)) await drained(sink, signal)
  }
}

function drained(sink: Sink, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      sink.off('drain', done)
      sink.off('close', done)
      sink.off('error', done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    if (signal.aborted || sink.destroyed) return resolve()
    sink.once('drain', done)
    sink.once('close', done)
    sink.once('error', done)
    signal.addEventListener('abort', done)
  })
}
