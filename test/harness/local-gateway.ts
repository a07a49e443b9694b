import { type Authenticate, createAuthenticate } from '../../lambda/access/authenticate.ts'
import { createGateway } from '../../lambda/gateway.ts'
import { environmentKeys } from '../../lambda/keys/environment-keys.ts'
import type { ProviderKeys } from '../../lambda/keys/provider-keys.ts'
import { createLocalServer } from '../../lambda/local-server.ts'
import type { ModelMapSource } from '../../lambda/map/model-map.ts'
import { parseConfiguration } from '../../lambda/map/parse-configuration.ts'
import { fixedModelMap } from '../../lambda/map/yaml-file.ts'
import type { Turns } from '../../lambda/turns.ts'
import { closeServer, openOnLoopback } from './loopback.ts'
import { recordedLog } from './recorded-log.ts'

export interface LocalGatewayOptions {
  /** What a `gateway.yaml` would hold; not looked at when there is a `map`. */
  readonly configuration?: unknown
  readonly map?: ModelMapSource
  /** Default: `env:OFFICE_KEY` is `office-key`. */
  readonly keys?: ProviderKeys
  /** Default: everybody. */
  readonly authenticate?: Authenticate
  readonly turns?: Turns
}

/** The gateway on node:http in the test's own process, so that the test can look into it. */
export interface LocalGateway {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string
  readonly log: ReturnType<typeof recordedLog>
  close(): Promise<void>
}

export async function startLocalGateway(options: LocalGatewayOptions): Promise<LocalGateway> {
  const log = recordedLog()
  const server = createLocalServer(
    createGateway({
      authenticate: options.authenticate ?? createAuthenticate({ mode: 'open' }),
      map:
        options.map ??
        fixedModelMap(parseConfiguration(options.configuration ?? {}), { environment: 'local' }),
      keys: options.keys ?? environmentKeys({ OFFICE_KEY: 'office-key' }),
      log,
      now: () => performance.now(),
      turns: options.turns,
      version: 'test',
    }),
    log,
  )
  return { url: await openOnLoopback(server), log, close: () => closeServer(server) }
}
