import { Agent, request } from 'node:http'

const agent = new Agent({ keepAlive: true, maxSockets: 256 })

export interface Asked {
  readonly firstByteMs: number
  readonly durationMs: number
  readonly text: string
  /** Milliseconds between the sending of each paced chunk and its arrival here. */
  readonly latencies: readonly number[]
}

/** One request, read to its end. */
export function ask(url: string, mode: string, body: Buffer): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const start = performance.now()
    let firstByte: number | undefined
    const pieces: Buffer[] = []
    const latencies: number[] = []
    const outgoing = request(
      `${url}/v1/messages`,
      {
        agent,
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'content-length': body.length,
          'anthropic-version': '2023-06-01',
          'x-bench-mode': mode,
        },
      },
      (answer) => {
        answer.on('data', (piece: Buffer) => {
          firstByte ??= performance.now()
          pieces.push(piece)
          if (mode !== 'paced') return
          const now = performance.timeOrigin + performance.now()
          for (const [, sent] of piece.toString('latin1').matchAll(/@(\d+\.\d+)@/g))
            latencies.push(now - Number(sent))
        })
        answer.on('end', () => {
          if (answer.statusCode !== 200) return reject(new Error(`status ${answer.statusCode}`))
          resolve({
            firstByteMs: (firstByte ?? Number.NaN) - start,
            durationMs: performance.now() - start,
            text: Buffer.concat(pieces).toString(),
            latencies,
          })
        })
        answer.on('error', reject)
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
