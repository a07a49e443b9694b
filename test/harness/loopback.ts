import { once } from 'node:events'
import type { Server } from 'node:http'

/** Opens a server on loopback, on a port that the system picks. @returns `http://127.0.0.1:PORT`. */
export async function openOnLoopback(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
}

/** Closes a server and whatever still hangs on it. */
export async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
