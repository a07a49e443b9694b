import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { MeasuredProcess } from './measured-process.ts'
import { requestOfSize } from './requests.ts'

/** Callers who leave, and callers who stop reading: what the provider notices, and what the gateway holds meanwhile. */

/** What `upstream.ts` says of its last stream without end. */
interface EndlessState {
  readonly bytes: number
  /** Milliseconds since 1970; null while the connection is open. */
  readonly closedAt: number | null
}

async function stateOf(upstream: MeasuredProcess): Promise<EndlessState> {
  const response = await fetch(`${upstream.url}/state`)
  return (await response.json()) as EndlessState
}

/** Asks for a stream without end and resolves at its first byte, with nothing more read. */
async function openEndless(url: string): Promise<IncomingMessage> {
  const outgoing = request(`${url}/v1/messages`, {
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json', 'x-bench-mode': 'endless' },
  })
  outgoing.end(requestOfSize('endless', 1000))
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
  answer.on('error', () => {})
  await once(answer, 'readable')
  return answer
}

/** Milliseconds from the caller's going to the end of the provider's connection. */
export async function callerGone(server: MeasuredProcess, upstream: MeasuredProcess): Promise<number> {
  const answer = await openEndless(server.url)
  const left = performance.timeOrigin + performance.now()
  answer.destroy()
  for (;;) {
    const { closedAt } = await stateOf(upstream)
    if (closedAt !== null) return closedAt - left
    await sleep(5)
  }
}

/** A caller who reads nothing for two seconds of a stream that comes as fast as it is taken. Megabytes. */
export async function callerStalled(
  server: MeasuredProcess,
  upstream: MeasuredProcess,
): Promise<{ readonly taken: number; readonly growth: number }> {
  const before = (await server.usage()).rss
  const answer = await openEndless(server.url)
  await sleep(2000)
  const { bytes } = await stateOf(upstream)
  const growth = (await server.usage()).rss - before
  answer.destroy()
  return { taken: bytes / 1e6, growth: growth / 1e6 }
}
