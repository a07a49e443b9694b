import type { Provider } from '../providers/provider.ts'
import { PROVIDER_ALIASES, PROVIDERS, resolveProviderName } from '../providers/table.ts'
import type { Configuration, ProviderEntry } from './configuration.ts'

/** The record of the provider table with this name or alias (`moonshot` is `kimi`). */
export function findRecord(name: string): Provider | undefined {
  const known = resolveProviderName(name)
  return known === undefined ? undefined : PROVIDERS[known]
}

/** Every name and alias of the table. */
export function recordNames(): string[] {
  return [...Object.keys(PROVIDERS), ...Object.keys(PROVIDER_ALIASES)]
}

/** The name under which a provider is configured or known: `google` means `gemini` unless `google` is configured. */
export function providerNameOf(name: string, configuration: Pick<Configuration, 'providers'>): string {
  return ownEntry(configuration.providers, name) === undefined ? (resolveProviderName(name) ?? name) : name
}

/** The configuration's entry of this name; never something that every object has, such as `constructor`. */
export function ownEntry<Entry>(entries: Readonly<Record<string, Entry>>, name: string): Entry | undefined {
  return Object.hasOwn(entries, name) ? entries[name] : undefined
}

/**
 * The record that a configured or known provider is built on: its `type`, else its own name, else `openai`,
 * the base for every compatible server.
 */
export function recordOf(name: string, entry: ProviderEntry | undefined): Provider | undefined {
  if (entry?.type !== undefined) return findRecord(entry.type)
  return findRecord(name) ?? (entry?.base_url === undefined ? undefined : findRecord('openai'))
}

/** Every name that a target may begin with. */
export function usableProviders(configuration: Configuration): string[] {
  return [...new Set([...Object.keys(configuration.providers), ...recordNames()])]
}
