import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bundleGateway } from '../../infra/bundle.ts'
import { estimateInputTokens } from '../../lambda/convert/input-tokens.ts'
import { STANDARD } from '../../lambda/providers/quirks.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { REPOSITORY } from '../harness/gateway-process.ts'
import { ask } from './ask.ts'
import { coldStarts } from './cold-start.ts'
import { callerGone, callerStalled } from './inconstant-callers.ts'
import { BURST, LOADS, PACED_CHUNKS } from './loads.ts'
import { type MeasuredProcess, startMeasured } from './measured-process.ts'
import { requestOfSize } from './requests.ts'
import { median } from './statistics.ts'

/**
 * `npm run bench [-- --rounds N --only WORDS]`: the gateway and a raw Node passthrough, in the same run and in turns,
 * because two runs of the same program differ by up to 20 %: many short rounds and their median, since what else the
 * machine does changes by the second. Prints the medians of the rounds, beside the aims of
 * docs/performance.md. `--only` takes the figures whose names hold the words.
 */

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '9' }, only: { type: 'string', default: '' } },
})
const ROUNDS = Number(values.rounds)
/** Before the first round, of each server: until then it is the compiler that is measured. */
const WARM_UP_REQUESTS = 2000

interface Row {
  readonly name: string
  readonly aim?: number
  readonly found: number
  /** The rounds' smallest and largest, for what was measured in rounds. */
  readonly spread?: readonly [least: number, most: number]
}

const rows: Row[] = []
const isWanted = (name: string) => name.includes(values.only)
const folder = await mkdtemp(join(tmpdir(), 'messages-lambda-bench-'))
let failures = 0

/** All programs are bundled as the function is: what TypeScript costs to load is no figure of the gateway. */
async function bundled(path: string): Promise<string> {
  const file = join(folder, path.replaceAll(/\W/g, '-'), 'index.mjs')
  return (await bundleGateway({ entry: join(REPOSITORY, path), file })).file
}

/** Node's options of `npm start`. */
function optionsOfStart(): string[] {
  return packageJson.scripts.start.split(' ').filter((word) => word.startsWith('--'))
}

async function startAll() {
  const preload = await bundled('test/bench/report-usage.ts')
  const start = async (
    path: string,
    words: string[],
    environment: Record<string, string>,
    nodeOptions: string[] = [],
  ) => startMeasured(await bundled(path), words, environment, folder, { preload, nodeOptions })
  const upstream = await start('test/bench/upstream.ts', [], {
    BENCH_BURST: String(BURST),
    BENCH_PACED_CHUNKS: String(PACED_CHUNKS),
  })
  const modes = ['short', 'text', 'tool', 'paced', 'endless']
  await writeFile(
    join(folder, 'gateway.yaml'),
    JSON.stringify({
      providers: Object.fromEntries(
        modes.map((mode) => [mode, { type: 'openai', base_url: `${upstream.url}/${mode}/v1`, key: 'none' }]),
      ),
      models: Object.fromEntries(modes.map((mode) => [mode, { target: `${mode}/bench` }])),
    }),
  )
  const raw = await start('test/bench/passthrough.ts', [], { BENCH_UPSTREAM: upstream.url })
  const ours = await start('lambda/local.ts', ['--port', '0'], {}, optionsOfStart())
  return { upstream, raw, ours }
}

/** Both servers in the same minute, in changing order. The first round is a warm-up, too, and is not counted. */
async function runLoads(ours: MeasuredProcess, raw: MeasuredProcess): Promise<void> {
  const loads = LOADS.filter(({ aims }) => Object.keys(aims).some(isWanted))
  if (loads.length === 0) return
  const body = requestOfSize('short', 1000)
  for (const server of [ours, raw]) {
    for (let index = 0; index < WARM_UP_REQUESTS; index++) await ask(server.url, 'short', body)
  }
  const ratios = new Map<string, number[]>()
  for (let round = 0; round <= ROUNDS; round++) {
    for (const load of loads) {
      const found = new Map<MeasuredProcess, Readonly<Record<string, number>>>()
      for (const server of round % 2 === 0 ? [ours, raw] : [raw, ours]) {
        found.set(server, await load.measure(server, () => failures++))
      }
      if (round === 0) continue
      for (const name of Object.keys(load.aims)) {
        const ratio = (found.get(ours)?.[name] ?? Number.NaN) / (found.get(raw)?.[name] ?? Number.NaN)
        ratios.set(name, [...(ratios.get(name) ?? []), ratio])
      }
    }
  }
  for (const [name, aim] of loads.flatMap(({ aims }) => Object.entries(aims))) {
    const all = ratios.get(name) ?? []
    rows.push({ name, aim, found: median(all), spread: [Math.min(...all), Math.max(...all)] })
  }
}

async function runCallers(ours: MeasuredProcess, upstream: MeasuredProcess): Promise<void> {
  if (isWanted('caller gone')) {
    const waits: number[] = []
    for (let index = 0; index < 5; index++) waits.push(await callerGone(ours, upstream))
    rows.push({ name: 'caller gone, until the provider is left (ms)', aim: 50, found: median(waits) })
  }
  if (isWanted('caller stalled')) {
    const { taken, growth } = await callerStalled(ours, upstream)
    rows.push({ name: 'caller stalled 2 s, taken from the provider (MB)', aim: 12, found: taken })
    rows.push({ name: 'caller stalled 2 s, growth of RSS (MB)', aim: 20, found: growth })
  }
}

function timeOf(work: () => unknown): number {
  const start = performance.now()
  work()
  return performance.now() - start
}

function runCountTokens(): void {
  if (!isWanted('count_tokens')) return
  const code = 'export function add(a: number, b: number): number {\n  return a + b\n}\n'
  const timeToCount = (content: string) => {
    const request = { model: 'm', messages: [{ role: 'user' as const, content }] }
    return timeOf(() => estimateInputTokens(request, STANDARD))
  }
  const megabyte = code.repeat(Math.ceil(1_000_000 / code.length))
  rows.push({ name: 'count_tokens, 1 MB of code (ms)', aim: 200, found: timeToCount(megabyte) })
  rows.push({
    name: 'count_tokens, 100 KB of one letter (ms)',
    aim: 20,
    found: timeToCount('a'.repeat(100_000)),
  })
}

async function runColdStarts(): Promise<void> {
  if (!isWanted('cold start')) return
  const { ours, empty } = await coldStarts(folder)
  rows.push({ name: 'cold start, to ready (ms)', found: ours.milliseconds })
  rows.push({ name: 'cold start of an empty handler (ms)', found: empty.milliseconds })
  rows.push({ name: 'cold start, RSS (MB)', aim: 128, found: ours.rss })
  rows.push({ name: 'cold start of an empty handler, RSS (MB)', found: empty.rss })
}

function printRows(): void {
  console.log(
    `| figure (median of ${ROUNDS} rounds, against raw Node) | aim | found | rounds | |\n|---|---|---|---|---|`,
  )
  for (const { name, aim, found, spread } of rows) {
    const verdict = aim === undefined ? '' : found <= aim ? 'ok' : 'MISSED'
    const range = spread?.map((one) => one.toFixed(2)).join('–') ?? ''
    console.log(`| ${name} | ${aim ?? ''} | ${found.toFixed(2)} | ${range} | ${verdict} |`)
  }
}

const { upstream, raw, ours } = await startAll()
try {
  const idle = (await ours.usage()).rss / 1e6
  await runCallers(ours, upstream)
  await runLoads(ours, raw)
  if (isWanted('RSS')) {
    rows.push({ name: 'RSS idle (MB)', aim: 90, found: idle })
    rows.push({ name: 'RSS after the loads (MB)', aim: 230, found: (await ours.usage()).rss / 1e6 })
  }
  runCountTokens()
  await runColdStarts()
  rows.push({ name: 'correctness failures', aim: 0, found: failures })
  printRows()
} finally {
  await Promise.all([ours.stop(), raw.stop(), upstream.stop()])
  await rm(folder, { recursive: true, force: true })
}
