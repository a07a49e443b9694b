import { GatewayError } from '../errors.ts'
import { mergeQuirks } from '../providers/merge-quirks.ts'
import type { Provider } from '../providers/provider.ts'
import type { Configuration, ModelEntry, ProviderEntry } from './configuration.ts'
import { findRecord, ownEntry, recordOf } from './provider-records.ts'
import type { Target } from './target.ts'
import type { TargetReference } from './target-reference.ts'
import { optionsOf, toTargetUrl } from './target-url.ts'

/** Where the gateway runs decides where keys are looked for. */
export interface Surroundings {
  readonly environment: 'local' | 'aws'
  /** The process's environment: on a laptop it names keys, everywhere the AWS region. */
  readonly variables: Readonly<Record<string, string | undefined>>
}

/** What of a model entry belongs to this target. */
export interface TargetSettings extends Pick<ModelEntry, 'parameters' | 'timeouts' | 'retries'> {
  readonly quirks?: ModelEntry['quirks']
  readonly contextWindow?: number
  readonly maxOutputTokens?: number
  readonly minOutputTokens?: number
}

/**
 * Record, provider entry and model entry merged, in this order, the last one wins.
 * @throws GatewayError `misconfigured` when the provider cannot be asked as it stands.
 */
export function toTarget(
  { provider, model }: TargetReference,
  settings: TargetSettings,
  configuration: Configuration,
  surroundings: Surroundings,
): Target {
  const entry: ProviderEntry = ownEntry(configuration.providers, provider) ?? {}
  const record = recordOf(provider, entry)
  if (record === undefined) {
    throw new GatewayError(
      'misconfigured',
      `The provider "${provider}" is not known here. The operator adds it under providers.`,
    )
  }
  const merged = mergeQuirks(record, model, entry.quirks ?? {}, settings.quirks ?? {})
  const options = { ...regionOption(surroundings.variables), ...optionsOf(record, entry) }
  return {
    provider,
    model,
    dialect: record.dialect,
    authentication: record.authentication,
    url: toTargetUrl(provider, record, entry, { ...options, model }),
    key: toKeyReference(provider, record, entry, surroundings),
    headers: { ...record.headers, ...entry.headers },
    options,
    quirks: merged.quirks,
    contextWindow: settings.contextWindow ?? merged.contextWindow,
    maxOutputTokens: settings.maxOutputTokens ?? merged.maxOutputTokens,
    minOutputTokens: settings.minOutputTokens,
    parameters: settings.parameters ?? {},
    timeouts: {
      connectSeconds: settings.timeouts?.connect_seconds ?? entry.timeouts?.connect_seconds ?? 10,
      // Claude Code gives up after 300 s without a byte; an error of ours must reach it before.
      firstByteSeconds: settings.timeouts?.first_byte_seconds ?? entry.timeouts?.first_byte_seconds ?? 240,
      idleSeconds: settings.timeouts?.idle_seconds ?? entry.timeouts?.idle_seconds ?? 120,
      totalSeconds: settings.timeouts?.total_seconds ?? entry.timeouts?.total_seconds,
    },
    retries: {
      maxRetries: settings.retries?.max_retries ?? entry.retries?.max_retries ?? 2,
      maxSeconds: settings.retries?.max_seconds ?? entry.retries?.max_seconds ?? 60,
    },
  }
}

function regionOption(variables: Surroundings['variables']): { region?: string } {
  const region = variables['AWS_REGION'] || variables['AWS_DEFAULT_REGION']
  return region ? { region } : {}
}

/**
 * One file serves the laptop and AWS: where the function's environment has no variable of that name, `env:` means
 * the provider's field of the stack's secret.
 */
export function toKeyReference(
  name: string,
  record: Provider,
  entry: ProviderEntry,
  surroundings: Surroundings,
): string {
  const { environment, variables } = surroundings
  const variable = /^env:(.+)$/.exec(entry.key ?? '')?.[1]
  if (variable !== undefined && environment === 'aws' && !variables[variable])
    return `secret:#${keyField(name, record)}`
  return entry.key ?? defaultKey(name, record, entry, surroundings)
}

/**
 * A laptop reads `<NAME>_API_KEY`, and the names that the provider's own documentation uses; AWS reads the field of
 * the stack's secret. No key where none is needed: a local server, or Bedrock, for which the function's role signs.
 */
export function defaultKey(
  name: string,
  record: Provider,
  entry: ProviderEntry,
  { environment, variables }: Surroundings,
): string {
  const names = keyVariables(name, record, entry)
  const found = environment === 'local' ? names.find((variable) => variables[variable]) : undefined
  if (found !== undefined) return `env:${found}`
  if (record.key === 'none' || record.authentication === 'sigv4-bedrock') return 'none'
  return environment === 'local' ? `env:${names[0]}` : `secret:#${keyField(name, record)}`
}

/** The field of the stack's secret: the provider's name; records of one provider (`glm`, `glm-coding`) share one. */
export function keyField(name: string, record: Provider): string {
  return findRecord(name) === record && record.key !== 'none' ? record.key : name
}

/**
 * Environment variables that may hold a provider's key on a laptop, the usual one first. A server of one's own
 * (another name and a `base_url`) never gets a key that was meant for the record's address.
 */
export function keyVariables(
  name: string,
  record: Provider,
  entry: ProviderEntry = {},
): [string, ...string[]] {
  const own = toKeyVariable(name)
  if (entry.base_url !== undefined && findRecord(name) !== record) return [own]
  const recordsOwn = record.key === 'none' ? [] : [toKeyVariable(record.key)]
  return [own, ...[...recordsOwn, ...(record.key_aliases ?? [])].filter((variable) => variable !== own)]
}

/** `z-ai` → `Z_AI_API_KEY`. */
export function toKeyVariable(name: string): string {
  return `${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_API_KEY`
}
