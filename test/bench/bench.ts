import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { bundleGateway } from '../../infra/bundle.ts'
import { estimateInputTokens } from '../../lambda/convert/input-tokens.ts'
import { STANDARD } from '../../lambda/providers/quirks.ts'
import { REPOSITORY } from '../harness/gateway-process.ts'
import { type Asked, ask } from './ask.ts'
import { type MeasuredProcess, startMeasured } from './measured-process.ts'
import { requestOfSize } from './requests.ts'

/**
 * `npm run bench [-- --rounds N --only WORDS]`: our server and a raw Node passthrough, in the same run and in turns, because two
 * runs of the same program differ by up to 20 %. Prints the medians of the rounds as ratios, beside the aims.
 */

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, only: { type: 'string', default: '' } },
})
const ROUNDS = Number(values.rounds)
const CHUNKS = 2000

interface Figure {
  readonly name: string
  readonly aim: number
  measure(server: MeasuredProcess): Promise<number>
}

let failures = 0

/** Every answer is looked at: a fast server that loses a chunk is not fast. */
function check(asked: Asked, words: number, text = 'word '): void {
  const found = asked.text.split(text).length - 1
  const ended = asked.text.includes('message_stop') || asked.text.includes('[DONE]')
  if (found !== words || !ended) failures++
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

function percentile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

function firstByte(bytes: number, times: number) {
  const body = requestOfSize('short', bytes)
  return async (server: MeasuredProcess) => {
    const figures: number[] = []
    for (let index = 0; index < times; index++) {
      const asked = await ask(server.url, 'short', body)
      check(asked, 1, '"hi"')
      figures.push(asked.firstByteMs)
    }
    return median(figures)
  }
}

async function cpuOf(server: MeasuredProcess, work: () => Promise<number>): Promise<number> {
  const before = await server.usage()
  const units = await work()
  const after = await server.usage()
  return (after.cpu - before.cpu) / units
}

function cpuPerRequest(times: number) {
  const body = requestOfSize('short', 1000)
  return (server: MeasuredProcess) =>
    cpuOf(server, async () => {
      for (let index = 0; index < times; index++) check(await ask(server.url, 'short', body), 1, '"hi"')
      return times
    })
}

function cpuPerChunk(mode: 'text' | 'tool', times: number) {
  const body = requestOfSize(mode, 1000)
  return (server: MeasuredProcess) =>
    cpuOf(server, async () => {
      for (let index = 0; index < times; index++) check(await ask(server.url, mode, body), CHUNKS)
      return times * CHUNKS
    })
}

const paced = { latencies: new Map<string, number[]>() }

async function pacedLoad(server: MeasuredProcess): Promise<number> {
  const body = requestOfSize('paced', 1000)
  return cpuOf(server, async () => {
    const all = await Promise.all(Array.from({ length: 50 }, () => ask(server.url, 'paced', body)))
    const latencies = all.flatMap((asked) => asked.latencies)
    for (const asked of all) if (asked.latencies.length !== 300) failures++
    paced.latencies.set(server.url, [...(paced.latencies.get(server.url) ?? []), ...latencies])
    return latencies.length
  })
}

const ALL_FIGURES: readonly Figure[] = [
  { name: 'first byte, 1 KB request', aim: 1.25, measure: firstByte(1000, 300) },
  { name: 'CPU per request, 1 KB', aim: 1.4, measure: cpuPerRequest(500) },
  { name: 'first byte, 200 KB history', aim: 2.7, measure: firstByte(200_000, 60) },
  { name: 'first byte, 2 MB history', aim: 4, measure: firstByte(2_000_000, 15) },
  { name: 'CPU per chunk, bursts of text', aim: 5.5, measure: cpuPerChunk('text', 40) },
  { name: 'CPU per chunk, tool arguments in bursts', aim: 6.5, measure: cpuPerChunk('tool', 40) },
  { name: 'CPU per chunk, 50 x 100/s paced', aim: 1.3, measure: pacedLoad },
]

const FIGURES = ALL_FIGURES.filter(({ name }) => name.includes(values.only))

function timeOf(work: () => unknown): number {
  const start = performance.now()
  work()
  return performance.now() - start
}

function countTokensTimes(): [string, number, number][] {
  const code = 'export function add(a: number, b: number): number {\n  return a + b\n}\n'
  const messages = (content: string) => ({ model: 'm', messages: [{ role: 'user' as const, content }] })
  const megabyte = messages(code.repeat(Math.ceil(1_000_000 / code.length)))
  const run = messages('a'.repeat(100_000))
  return [
    ['count_tokens, 1 MB of code (ms)', 200, timeOf(() => estimateInputTokens(megabyte, STANDARD))],
    ['count_tokens, 100 KB of one letter (ms)', 20, timeOf(() => estimateInputTokens(run, STANDARD))],
  ]
}

const folder = await mkdtemp(join(tmpdir(), 'messages-lambda-bench-'))
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const upstream = await startMeasured(here('upstream.ts'), [], { BENCH_BURST: String(CHUNKS) }, folder)
const modes = ['short', 'text', 'tool', 'paced']
await writeFile(
  join(folder, 'gateway.yaml'),
  JSON.stringify({
    providers: Object.fromEntries(
      modes.map((mode) => [mode, { type: 'openai', base_url: `${upstream.url}/${mode}/v1`, key: 'none' }]),
    ),
    models: Object.fromEntries(modes.map((mode) => [mode, { target: `${mode}/bench` }])),
  }),
)
// Bundled as the function is: what TypeScript costs to load is no figure of the gateway.
const bundle = await bundleGateway({
  entry: join(REPOSITORY, 'lambda', 'local.ts'),
  file: join(folder, 'local.mjs'),
})
const ours = await startMeasured(bundle.file, ['--port', '0'], {}, folder)
const raw = await startMeasured(here('passthrough.ts'), [], { BENCH_UPSTREAM: upstream.url }, folder)

const idle = (await ours.usage()).rss
const results = new Map<string, number[]>()
for (let round = 0; round <= ROUNDS; round++) {
  for (const figure of FIGURES) {
    // Both in the same minute, in changing order; round 0 only warms up.
    const order = round % 2 === 0 ? [ours, raw] : [raw, ours]
    const found = new Map<MeasuredProcess, number>()
    for (const server of order) found.set(server, await figure.measure(server))
    const ratio = (found.get(ours) ?? Number.NaN) / (found.get(raw) ?? Number.NaN)
    if (round > 0) results.set(figure.name, [...(results.get(figure.name) ?? []), ratio])
  }
  if (round === 0) paced.latencies.clear()
}
const after = (await ours.usage()).rss

const rows: [string, number, number][] = FIGURES.map(({ name, aim }) => [
  name,
  aim,
  median(results.get(name) ?? []),
])
const [a, b] = [paced.latencies.get(ours.url) ?? [], paced.latencies.get(raw.url) ?? []]
rows.push(['latency per chunk, paced, p50', 1.2, percentile(a, 0.5) / percentile(b, 0.5)])
rows.push(['latency per chunk, paced, p99', 1.4, percentile(a, 0.99) / percentile(b, 0.99)])
rows.push(['RSS idle (MB)', 90, idle / 1e6], ['RSS after the loads (MB)', 230, after / 1e6])
rows.push(...countTokensTimes())
rows.push(['correctness failures', 0, failures])

console.log(`| figure (median of ${ROUNDS} rounds, against raw Node) | aim | found | |\n|---|---|---|---|`)
for (const [name, aim, found] of rows) {
  // What `--only` left out.
  if (Number.isNaN(found)) continue
  console.log(`| ${name} | ${aim} | ${found.toFixed(2)} | ${found <= aim ? 'ok' : 'MISSED'} |`)
}
await Promise.all([ours.stop(), raw.stop(), upstream.stop()])
await rm(folder, { recursive: true, force: true })
