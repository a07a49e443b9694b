import { type Asked, ask } from './ask.ts'
import type { MeasuredProcess } from './measured-process.ts'
import { requestOfSize } from './requests.ts'
import { median } from './statistics.ts'

/** Chunks of one burst, and of one paced stream; `upstream.ts` is told. */
export const BURST = 2000
export const PACED_CHUNKS = 150
const PACED_STREAMS = 50

/** What one load of one server said, each figure to be divided by the yardstick's. */
export type Measured = Readonly<Record<string, number>>

/** A load that is put on both servers in turns. Its figures are named in `aims`, with the most that each may be. */
export interface Load {
  readonly aims: Readonly<Record<string, number>>
  /** Counts answers that are wrong: a fast server that loses a chunk is not fast. */
  measure(server: MeasuredProcess, wrong: (asked: Asked) => void): Promise<Measured>
}

export const LOADS: readonly Load[] = [
  requests({ bytes: 1000, times: 250, firstByte: 1.25, cpu: 1.4, name: '1 KB request' }),
  requests({ bytes: 200_000, times: 30, firstByte: 2.7, name: '200 KB history' }),
  requests({ bytes: 2_000_000, times: 8, firstByte: 4, name: '2 MB history' }),
  burst('text', 'CPU per chunk, bursts of text', 5.5),
  burst('tool', 'CPU per chunk, tool arguments in bursts', 6.5),
  paced(),
]

/** One request after the other, each answered with one word. */
function requests(options: {
  readonly name: string
  readonly bytes: number
  readonly times: number
  readonly firstByte: number
  readonly cpu?: number
}): Load {
  const body = requestOfSize('short', options.bytes)
  const firstByte = `first byte, ${options.name}`
  const cpu = `CPU per request, ${options.name}`
  return {
    aims: { [firstByte]: options.firstByte, ...(options.cpu === undefined ? {} : { [cpu]: options.cpu }) },
    async measure(server, wrong) {
      const waits: number[] = []
      const used = await cpuOf(server, async () => {
        for (let index = 0; index < options.times; index++) {
          const asked = await ask(server.url, 'short', body)
          if (!isWhole(asked, '"hi"', 1)) wrong(asked)
          waits.push(asked.firstByteMs)
        }
      })
      return { [firstByte]: median(waits), [cpu]: used / options.times }
    },
  }
}

/** Streams that come all at once. */
function burst(mode: 'text' | 'tool', name: string, aim: number): Load {
  const body = requestOfSize(mode, 1000)
  const times = 20
  return {
    aims: { [name]: aim },
    async measure(server, wrong) {
      const used = await cpuOf(server, async () => {
        for (let index = 0; index < times; index++) {
          const asked = await ask(server.url, mode, body)
          if (!isWhole(asked, 'word ', BURST)) wrong(asked)
        }
      })
      return { [name]: used / (times * BURST) }
    },
  }
}

/** Many streams at the pace of a model, a chunk in each 10 ms: what a gateway does all day. */
function paced(): Load {
  const body = requestOfSize('paced', 1000)
  const cpu = `CPU per chunk, ${PACED_STREAMS} x 100/s paced`
  const p50 = 'latency per chunk, paced, p50'
  const p99 = 'latency per chunk, paced, p99'
  return {
    aims: { [cpu]: 1.3, [p50]: 1.2, [p99]: 1.4 },
    async measure(server, wrong) {
      const latencies: number[] = []
      const used = await cpuOf(server, async () => {
        const streams = Array.from({ length: PACED_STREAMS }, () => ask(server.url, 'paced', body))
        for (const asked of await Promise.all(streams)) {
          if (asked.latencies.length !== PACED_CHUNKS || !isWhole(asked, '@ ', PACED_CHUNKS)) wrong(asked)
          latencies.push(...asked.latencies)
        }
      })
      latencies.sort((one, other) => one - other)
      const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? Number.NaN
      return { [cpu]: used / latencies.length, [p50]: at(0.5), [p99]: at(0.99) }
    },
  }
}

/** Microseconds of CPU that the server spent on the work, all its threads together. */
async function cpuOf(server: MeasuredProcess, work: () => Promise<void>): Promise<number> {
  const before = await server.usage()
  await work()
  return (await server.usage()).cpu - before.cpu
}

function isWhole({ text }: Asked, word: string, times: number): boolean {
  const ended = text.includes('message_stop') || text.includes('[DONE]')
  return ended && text.split(word).length - 1 === times
}
