import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { closeFreeConnections } from '../../lambda/upstream/http-client.ts'
import { FAULTS, type FaultServer, startFaultServer } from '../harness/fault-server.ts'
import { type LocalGateway, startLocalGateway } from '../harness/local-gateway.ts'

/** What is left in the gateway's process after providers have failed in every way: nothing. */

const servers: FaultServer[] = []
let gateway: LocalGateway

before(async () => {
  for (const fault of FAULTS) servers.push(await startFaultServer(fault))
  gateway = await startLocalGateway({
    configuration: {
      providers: Object.fromEntries(
        FAULTS.map(({ slow }, index) => [
          `fault-${index}`,
          {
            base_url: servers[index]?.url,
            key: 'none',
            timeouts: slow ? { first_byte_seconds: 0.2, idle_seconds: 0.2 } : {},
          },
        ]),
      ),
      models: Object.fromEntries(
        FAULTS.map((_, index) => [
          `fault-${index}`,
          { target: `fault-${index}/m`, retries: { max_retries: 0 } },
        ]),
      ),
    },
  })
})
after(async () => {
  await gateway.close()
  for (const server of servers) await server.close()
})

async function everyFault(): Promise<void> {
  await Promise.all(
    Array.from(FAULTS.keys(), (index) =>
      Promise.all([
        turn(index, { stream: true }),
        turn(index, { stream: false }),
        turn(index, { leaves: true }),
      ]),
    ),
  )
}

/** One turn on a connection of its own, which is closed with it. */
async function turn(index: number, { stream = true, leaves = false }): Promise<void> {
  const asked = request(`${gateway.url}/v1/messages`, { method: 'POST', agent: false })
  // Not events.once, which would reject with the error that comes before.
  const over = new Promise((resolve) => asked.once('close', resolve))
  asked.on('error', () => undefined)
  asked.on('response', (response) => response.on('error', () => undefined).resume())
  asked.end(
    JSON.stringify({
      model: `fault-${index}`,
      stream,
      max_tokens: 10,
      messages: [{ role: 'user', content: 'Hello?' }],
    }),
  )
  if (leaves) setTimeout(() => asked.destroy(), 5)
  await over
}

/** Sockets of both sides, lookups and timers. The test's own servers listen all the time. */
function busy(): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of process.getActiveResourcesInfo()) {
    if (/TCPSocket|TCPConnect|Timeout|DNS|GetAddr/.test(name)) counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

/** Closed sockets leave in the next turns of the event loop. */
async function settled(expected: Record<string, number>): Promise<Record<string, number>> {
  closeFreeConnections()
  for (let round = 0; round < 500 && !isDeepStrictEqual(busy(), expected); round += 1) await sleep(10)
  return busy()
}

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

/** Bytes of live objects and buffers. */
function memory(): number {
  collect()
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

test('after every fault, with callers who wait and callers who leave, no socket, timer or memory is left', async () => {
  const idle = busy()
  // The first round warms up: code is compiled, caches are filled.
  await everyFault()
  assert.deepEqual(await settled(idle), idle)
  const used = memory()
  for (let round = 0; round < 3; round += 1) await everyFault()
  assert.deepEqual(await settled(idle), idle)
  for (const server of servers) assert.equal(server.openConnections(), 0)
  const grown = memory() - used
  assert.ok(grown < 16 * 1024 * 1024, `${grown} bytes more than before`)
})
