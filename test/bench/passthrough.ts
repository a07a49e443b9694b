import { Agent, request as ask, createServer } from 'node:http'

/** The yardstick: the least that Node can do between a caller and a provider. Nothing is parsed. */
const upstream = new URL(process.env['BENCH_UPSTREAM'] ?? '')
const agent = new Agent({ keepAlive: true })

const server = createServer((request, response) => {
  const mode = String(request.headers['x-bench-mode'] ?? 'short')
  const outgoing = ask(
    {
      agent,
      host: upstream.hostname,
      port: upstream.port,
      method: 'POST',
      path: `/${mode}/v1/chat/completions`,
      headers: { 'content-type': 'application/json', 'content-length': request.headers['content-length'] },
    },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    },
  )
  outgoing.on('error', () => response.destroy())
  request.pipe(outgoing)
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address && typeof address === 'object') console.log(`listening on http://127.0.0.1:${address.port}`)
})
