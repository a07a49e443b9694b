import type { Configuration } from '../../lambda/map/configuration.ts'
import { findRecord, ownEntry, providerNameOf, recordOf } from '../../lambda/map/provider-records.ts'
import { splitTarget } from '../../lambda/map/target-reference.ts'
import { keyField, toKeyReference } from '../../lambda/map/to-target.ts'

/** A provider that the map uses, and where its key is looked for in AWS. */
export interface NeededKey {
  readonly provider: string
  /** Key reference as the deployed gateway resolves it. */
  readonly reference: string
  /** Field of the stack's secret; absent: no key, or one that lies elsewhere. */
  readonly field?: string
}

/** The providers of the configuration: those that have an entry, and those that targets name. */
export function neededKeys(configuration: Configuration): NeededKey[] {
  const targets = Object.values(configuration.models).flatMap((entry) => [
    entry.target,
    entry.vision,
    ...(entry.targets ?? []).map(({ target }) => target),
    ...(entry.fallbacks ?? []),
  ])
  const written = [...Object.values(configuration.tiers), configuration.default_model].filter(
    (name) => name !== undefined && ownEntry(configuration.models, name) === undefined,
  )
  const named = [...targets, ...written].flatMap((target) => (target && splitTarget(target)?.provider) ?? [])
  const providers = new Set([
    ...Object.keys(configuration.providers),
    ...named.map((name) => providerNameOf(name, configuration)),
  ])
  return [...providers].flatMap((provider) => {
    const entry = ownEntry(configuration.providers, provider) ?? {}
    const record = recordOf(provider, entry)
    if (record === undefined) return []
    const reference = toKeyReference(provider, record, entry, { environment: 'aws', variables: {} })
    const field = /^secret:#?([^#\s]+)$/.exec(reference)?.[1]
    return [{ provider, reference, ...(field === undefined ? {} : { field }) }]
  })
}

/** The field that `keys set NAME` means: the provider's own, which several records of one provider may share. */
export function fieldOf(name: string, configuration: Configuration): string {
  const known = neededKeys(configuration).find(
    ({ provider }) => provider === providerNameOf(name, configuration),
  )
  if (known?.field !== undefined) return known.field
  const record = findRecord(name)
  return record === undefined ? name : keyField(providerNameOf(name, configuration), record)
}
