import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startMeasured } from '../bench/measured-process.ts'
import { REPOSITORY } from '../harness/gateway-process.ts'
import { chunk, DONE } from '../harness/scripted-upstream.ts'
import { askOnce } from './turn.ts'

/**
 * `npm run soak [-- --minutes M --streams N]`: N paced streams at a time through `npm start`, a fifth of them with a
 * fault in them. No turn may be lost (neither whole nor ended by an error), none may hold another's words, and the
 * memory must be flat. Ends with exit code 1 when one of these does not hold.
 */

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '1' }, streams: { type: 'string', default: '200' } },
})
const UNTIL = Date.now() + Number(values.minutes) * 60_000
const STREAMS = Number(values.streams)
const CHUNKS = 100

const FAULTS = ['none', 'none', 'none', 'none', 'cut', 'none', 'error', 'none', 'none', '500'] as const
type Fault = (typeof FAULTS)[number]

/** The provider: repeats the word it was asked for, at a steady pace, with the fault it was asked for. */
async function answer(response: ServerResponse, word: string, fault: Fault): Promise<void> {
  if (fault === '500') {
    response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":{"message":"asked for"}}')
    return
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (let index = 0; index < CHUNKS; index++) {
    if (response.destroyed) return
    if (index === CHUNKS / 2 && fault === 'cut') {
      response.socket?.destroy()
      return
    }
    if (index === CHUNKS / 2 && fault === 'error') {
      response.end('data: {"error":{"message":"asked for","code":503}}\n\n')
      return
    }
    response.write(chunk({ content: `${word} ` }))
    await sleep(10)
  }
  response.end(`${chunk({}, 'stop')}${DONE}`)
}

const provider = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part) => parts.push(part))
  request.on('end', () => {
    const [, word = '', fault = 'none'] = /word:(\w+) fault:(\w+)/.exec(Buffer.concat(parts).toString()) ?? []
    void answer(response, word, fault as Fault)
  })
})
await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve))
const address = provider.address()
const port = typeof address === 'object' && address ? address.port : 0

const folder = await mkdtemp(join(tmpdir(), 'messages-lambda-soak-'))
await writeFile(
  join(folder, 'gateway.yaml'),
  JSON.stringify({
    providers: { office: { type: 'openai', base_url: `http://127.0.0.1:${port}/v1`, key: 'none' } },
    models: { soak: { target: 'office/soak', retries: { max_retries: 0 } } },
  }),
)
const gateway = await startMeasured(join(REPOSITORY, 'lambda', 'local.ts'), ['--port', '0'], {}, folder)

const counts = { turns: 0, whole: 0, failed: 0, lost: 0, mixed: 0 }
const memory: number[] = []

async function oneStream(seat: number): Promise<void> {
  for (let round = 0; Date.now() < UNTIL; round++) {
    const word = `w${seat}x${round}`
    const fault = FAULTS[(seat + round) % FAULTS.length] ?? 'none'
    const turn = await askOnce(gateway.url, `word:${word} fault:${fault}`)
    counts.turns++
    const strange = turn.text.split(' ').some((found) => found !== '' && found !== word)
    const complete = turn.text.split(' ').length - 1 === CHUNKS && turn.end === 'message_stop'
    if (strange) counts.mixed++
    else if (fault === 'none' ? complete : turn.end === 'error')
      counts[fault === 'none' ? 'whole' : 'failed']++
    else counts.lost++
  }
}

const watch = setInterval(() => void gateway.usage().then(({ rss }) => memory.push(rss)), 1000)
await Promise.all(Array.from({ length: STREAMS }, (_, seat) => oneStream(seat)))
clearInterval(watch)

// The first third fills caches and pools; from there on it must stay.
const settled = memory.slice(Math.floor(memory.length / 3))
const half = Math.floor(settled.length / 2)
const mean = (list: readonly number[]) => list.reduce((sum, each) => sum + each, 0) / Math.max(1, list.length)
const growth = mean(settled.slice(half)) / mean(settled.slice(0, half))
console.log(
  `turns ${counts.turns}: whole ${counts.whole}, ended by the fault asked for ${counts.failed}, lost ${counts.lost}, mixed ${counts.mixed}`,
)
console.log(`memory: ${(mean(settled) / 1e6).toFixed(0)} MB, second half against first ${growth.toFixed(2)}`)
await gateway.stop()
provider.closeAllConnections()
provider.close()
await rm(folder, { recursive: true, force: true })
if (counts.lost > 0 || counts.mixed > 0 || growth > 1.25) process.exitCode = 1
