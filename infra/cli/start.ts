import { fileURLToPath } from 'node:url'
import { runClient } from '../connect/run-client.ts'
import type { Command } from './command.ts'

/**
 * Node lets the space of young objects grow to 128 MB where there is much memory. With 16 the process held 235 MB after
 * the loads of the bench instead of 308, and took no time more that could be measured (2026-11, docs/performance.md).
 */
const NODE_OPTIONS = ['--max-semi-space-size=16']

export const startCommand: Command = {
  noun: 'start',
  summary: 'run the gateway on this machine',
  usage: `messages-lambda start [--port N] [--host H] [--config FILE]

The same as npm start. Without --config it takes GATEWAY_CONFIG, then gateway.yaml here, then the environment, .env or
config.json of one of the proxies that it replaces, then the built-in demo.

  --port N       default 8787, or a predecessor's own; 0 picks a free one
  --host H       default 127.0.0.1; any other address needs GATEWAY_KEY, the key that callers must send
  --config FILE  a gateway.yaml`,
  run: (words, { environment }) =>
    runClient(
      [
        process.execPath,
        ...NODE_OPTIONS,
        fileURLToPath(new URL('../../lambda/local.ts', import.meta.url)),
        ...words,
      ],
      environment,
    ),
}
