import { once } from 'node:events'
import Anthropic from '@anthropic-ai/sdk'
import { createAuthenticate } from '../../lambda/access/authenticate.ts'
import { createGateway } from '../../lambda/gateway.ts'
import { environmentKeys } from '../../lambda/keys/environment-keys.ts'
import { createLineLog } from '../../lambda/line-log.ts'
import { createLocalServer } from '../../lambda/local-server.ts'
import type { Configuration } from '../../lambda/map/configuration.ts'
import { fixedModelMap } from '../../lambda/map/yaml-file.ts'
import { LIVE_SCENARIOS } from './live-scenarios.ts'

export interface LiveOptions {
  /** The configured name, which is usually a name of the provider table. */
  readonly provider: string
  readonly model: string
  readonly vision: string
  readonly configuration: Configuration
  readonly variables: Readonly<Record<string, string | undefined>>
  /** Names of scenarios, or their beginnings. Empty: all. */
  readonly only: readonly string[]
  /** Lines of the gateway's own log. */
  readonly log: (line: string) => void
}

export interface LiveResult {
  readonly scenario: string
  readonly passed: boolean
  /** What was found, or what went wrong. */
  readonly detail: string
  readonly seconds: number
}

/** Runs the scenarios one after the other against one provider, through a gateway in this process. */
export async function runLive(options: LiveOptions): Promise<LiveResult[]> {
  const log = createLineLog(options.log)
  const gateway = createGateway({
    authenticate: createAuthenticate({ mode: 'open' }),
    map: fixedModelMap(options.configuration, { environment: 'local', variables: options.variables }),
    keys: environmentKeys(options.variables),
    log,
    now: () => performance.now(),
    version: 'live',
  })
  const server = createLocalServer(gateway, log)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const client = new Anthropic({ baseURL: `http://127.0.0.1:${port}`, apiKey: 'unused', maxRetries: 0 })
  const turn = {
    client,
    model: `${options.provider}/${options.model}`,
    vision: `${options.provider}/${options.vision}`,
  }
  const wanted = LIVE_SCENARIOS.filter(
    ({ name }) => options.only.length === 0 || options.only.some((start) => name.startsWith(start)),
  )
  const results: LiveResult[] = []
  try {
    for (const scenario of wanted) {
      const start = performance.now()
      const outcome = await scenario.run(turn).then(
        (detail) => ({ passed: true, detail }),
        (thrown: unknown) => ({
          passed: false,
          detail: thrown instanceof Error ? thrown.message : String(thrown),
        }),
      )
      results.push({ scenario: scenario.name, ...outcome, seconds: (performance.now() - start) / 1000 })
    }
  } finally {
    server.close()
    server.closeAllConnections()
  }
  return results
}
