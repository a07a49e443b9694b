import { toAccessSettings } from './access/access-settings.ts'
import { type Authenticate, createAuthenticate } from './access/authenticate.ts'
import type { KeyRecord } from './access/caller-key.ts'
import { type Environment, readEnvironment } from './environment.ts'
import { createGateway, type Gateway } from './gateway.ts'
import { createJsonLog } from './json-log.ts'
import { createAwsKeys } from './keys/aws-keys.ts'
import { environmentKeys } from './keys/environment-keys.ts'
import type { Log } from './log.ts'
import { createDynamodbClient, createDynamodbMap } from './map/dynamodb-map.ts'
import type { ModelMapSource } from './map/model-map.ts'
import { createTurnTable } from './turn-table.ts'
import { VERSION } from './version.ts'

type Variables = Readonly<Record<string, string | undefined>>

/**
 * The gateway of the function: table, secret and access mode as its environment names them. Everything that can be
 * read is asked for here, at once, while the environment initialises. A read that fails is told by the turns that need
 * it, with what to do, and tried again; it never ends the process.
 */
export async function createLambdaGateway(variables: Variables): Promise<Gateway> {
  const log = createJsonLog()
  const environment = readEnvironment(variables)
  const { map, keyRecords } = openMap(environment, log)
  const { keys, prepared } = openKeys(environment.PROVIDER_SECRET_ARN, variables, log)
  // A reading that is still under way when INIT ends would be frozen in the middle.
  await Promise.allSettled([map.current(), prepared])
  return createGateway({
    authenticate: openAccess(variables, keyRecords, log),
    map,
    keys,
    log,
    now: () => performance.now(),
    turns:
      environment.TURN_TABLE === undefined
        ? undefined
        : createTurnTable({ client: createDynamodbClient(), table: environment.TURN_TABLE, log }),
    version: VERSION,
  })
}

function openKeys(secret: string | undefined, variables: Variables, log: Log) {
  if (secret === undefined) return { keys: environmentKeys(variables), prepared: undefined }
  const keys = createAwsKeys({ secret, log, variables })
  return { keys, prepared: keys.prepared }
}

interface OpenMap {
  readonly map: ModelMapSource
  readonly keyRecords: () => Promise<readonly KeyRecord[]>
}

function openMap(environment: Environment, log: Log): OpenMap {
  const { GATEWAY_CONFIG: file, MODEL_TABLE: table, MAP_REFRESH_SECONDS: refreshSeconds } = environment
  if (file === undefined && table !== undefined) {
    const map = createDynamodbMap({ table, log, refreshSeconds })
    return { map, keyRecords: map.keyRecords }
  }
  if (file === undefined) throw new Error('Set MODEL_TABLE (the stack does) or GATEWAY_CONFIG.')
  // A function has a table; the reader of files is loaded where there is none.
  const opened = import('./map/yaml-file.ts').then(({ openYamlFile }) =>
    openYamlFile(file, { environment: 'aws' }, log),
  )
  return {
    map: { current: async () => (await opened).current() },
    keyRecords: async () => [],
  }
}

/** Wrong settings must not end the process: every request says what is wrong, and so does the log. */
function openAccess(
  variables: Variables,
  keyRecords: () => Promise<readonly KeyRecord[]>,
  log: Log,
): Authenticate {
  try {
    const settings = toAccessSettings(variables)
    return createAuthenticate(
      settings.mode === 'bearer' ? { ...settings, mode: 'bearer', keyRecords, log } : { mode: 'iam' },
    )
  } catch (thrown) {
    log.error('the access settings are wrong', { reason: thrown instanceof Error ? thrown.message : '' })
    return () => Promise.reject(thrown)
  }
}
