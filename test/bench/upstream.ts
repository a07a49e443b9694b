import { createServer, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * The provider of the benchmarks, in a process of its own. What it answers is the first part of the path:
 * `/short` one word, `/text` and `/tool` a burst of chunks, `/paced` chunks at a steady rate, each with its own
 * time of sending, `/endless` chunks for as long as they are taken. `/state` tells of the last of those.
 */

const BURST = Number(process.env['BENCH_BURST'] ?? 2000)
const PACED_CHUNKS = Number(process.env['BENCH_PACED_CHUNKS'] ?? 300)
const PACED_EVERY_MS = 10

function chunk(delta: unknown, finish: string | null = null): string {
  const data = {
    id: 'chatcmpl-bench',
    object: 'chat.completion.chunk',
    created: 1_795_000_000,
    model: 'bench',
    choices: [{ index: 0, delta, finish_reason: finish }],
  }
  return `data: ${JSON.stringify(data)}\n\n`
}

const END = `data: ${JSON.stringify({ id: 'chatcmpl-bench', choices: [], usage: { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 } })}\n\ndata: [DONE]\n\n`
const START = chunk({ role: 'assistant', content: '' })
const TEXT = START + chunk({ content: 'word ' }).repeat(BURST) + chunk({}, 'stop') + END
const TOOL =
  chunk({
    tool_calls: [
      { index: 0, id: 'call_bench', type: 'function', function: { name: 'write', arguments: '{"text":"' } },
    ],
  }) +
  chunk({ tool_calls: [{ index: 0, function: { arguments: 'word ' } }] }).repeat(BURST) +
  chunk({ tool_calls: [{ index: 0, function: { arguments: '"}' } }] }) +
  chunk({}, 'tool_calls') +
  END

async function paced(response: ServerResponse): Promise<void> {
  response.write(START)
  const start = performance.now()
  for (let index = 0; index < PACED_CHUNKS && !response.destroyed; index++) {
    const wait = start + index * PACED_EVERY_MS - performance.now()
    if (wait > 0) await sleep(wait)
    response.write(chunk({ content: `@${(performance.timeOrigin + performance.now()).toFixed(3)}@ ` }))
  }
  response.end(chunk({}, 'stop') + END)
}

const endless: { bytes: number; closedAt: number | null } = { bytes: 0, closedAt: null }
const LONG_CHUNK = chunk({ content: 'word '.repeat(800) })

/** As fast as it is taken, until the connection ends. */
function pour(response: ServerResponse): void {
  endless.bytes = 0
  endless.closedAt = null
  response.once('close', () => {
    endless.closedAt = performance.timeOrigin + performance.now()
  })
  const write = () => {
    while (!response.destroyed) {
      endless.bytes += LONG_CHUNK.length
      if (!response.write(LONG_CHUNK)) break
    }
  }
  response.on('drain', write)
  write()
}

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  request.resume()
  request.on('end', () => {
    const path = request.url ?? ''
    if (path === '/state') {
      response.end(JSON.stringify(endless))
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    if (path.startsWith('/endless')) pour(response)
    else if (path.startsWith('/paced')) void paced(response)
    else if (path.startsWith('/text')) response.end(TEXT)
    else if (path.startsWith('/tool')) response.end(TOOL)
    else response.end(START + chunk({ content: 'hi' }) + chunk({}, 'stop') + END)
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address && typeof address === 'object') console.log(`listening on http://127.0.0.1:${address.port}`)
})
