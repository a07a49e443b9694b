declare module 'dynalite' {
  import type { Server } from 'node:http'

  /** The parts of dynalite that the tests use; the package brings no types. */
  export default function dynalite(options?: { createTableMs?: number; deleteTableMs?: number }): Server
}
