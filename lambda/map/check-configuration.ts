import type { Configuration, ModelEntry, ProviderEntry } from './configuration.ts'
import type { ConfigurationProblem } from './configuration-error.ts'
import { didYouMean } from './nearest-word.ts'
import {
  findRecord,
  ownEntry,
  providerNameOf,
  recordNames,
  recordOf,
  usableProviders,
} from './provider-records.ts'
import { splitTarget } from './target-reference.ts'
import { openPlaces } from './target-url.ts'

type Path = readonly (string | number)[]

/** What no schema can say: names that must exist, and fields that exclude or need each other. */
export function checkConfiguration(configuration: Configuration): ConfigurationProblem[] {
  return [
    ...Object.entries(configuration.providers).flatMap(([name, entry]) => checkProvider(name, entry)),
    ...Object.entries(configuration.models).flatMap(([alias, entry]) =>
      checkModel(alias, entry, configuration),
    ),
    ...checkNames(configuration),
  ]
}

/** One provider entry on its own: so the table can set aside a bad one and go on with the rest. */
export function checkProvider(name: string, entry: ProviderEntry): ConfigurationProblem[] {
  const path = ['providers', name]
  if (!/^[^/:\s]+$/.test(name)) {
    return [{ path, message: 'a provider name is one word without "/" and ":"; targets begin with it' }]
  }
  if (entry.type !== undefined && findRecord(entry.type) === undefined) {
    const message = `unknown provider "${entry.type}"${didYouMean(entry.type, recordNames())}`
    return [{ path: [...path, 'type'], message }]
  }
  const record = recordOf(name, entry)
  if (record === undefined) {
    const hint = didYouMean(name, recordNames()) || '; a server of your own needs base_url'
    return [{ path, message: `unknown provider "${name}"${hint}` }]
  }
  return [...checkPlaces(path, record, entry), ...checkHeaders([...path, 'headers'], entry.headers ?? {})]
}

function checkPlaces(
  path: Path,
  record: NonNullable<ReturnType<typeof recordOf>>,
  entry: ProviderEntry,
): ConfigurationProblem[] {
  return openPlaces(record, entry).map((place) => ({
    path: [...path, 'options', place],
    message: `is needed: the address of this provider holds {${place}}`,
  }))
}

function checkHeaders(path: Path, headers: Readonly<Record<string, string>>): ConfigurationProblem[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    // Token and field value of RFC 9110; node:https would refuse the request with a message that names no entry.
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) {
      return [{ path: [...path, name], message: 'this is no HTTP header name' }]
    }
    return /^[\t\x20-\x7e\x80-\xff]*$/.test(value)
      ? []
      : [{ path: [...path, name], message: 'a header value holds no line breaks or control characters' }]
  })
}

/** One model entry: its targets name providers that exist. */
export function checkModel(
  alias: string,
  entry: ModelEntry,
  configuration: Configuration,
): ConfigurationProblem[] {
  const path = ['models', alias]
  const problems: ConfigurationProblem[] = []
  if (alias.trim() === '' || alias !== alias.trim()) {
    problems.push({ path, message: 'a model name neither begins nor ends with a space' })
  }
  if (entry.target === undefined && entry.targets === undefined) {
    problems.push({ path, message: 'needs target: PROVIDER/MODEL' })
  }
  if (entry.target !== undefined && entry.targets !== undefined) {
    problems.push({ path: [...path, 'targets'], message: 'stands instead of target; keep one of the two' })
  }
  for (const [place, target] of targetsOf(entry)) {
    problems.push(...checkTarget([...path, ...place], target, configuration))
  }
  const { min_output_tokens: least, max_output_tokens: most } = entry
  if (least !== undefined && most !== undefined && least > most) {
    problems.push({
      path: [...path, 'min_output_tokens'],
      message: `is more than max_output_tokens (${most})`,
    })
  }
  return problems
}

function targetsOf(entry: ModelEntry): [Path, string][] {
  return [
    ...(entry.target === undefined ? [] : [[['target'], entry.target] as [Path, string]]),
    ...(entry.targets ?? []).map(({ target }, index): [Path, string] => [
      ['targets', index, 'target'],
      target,
    ]),
    ...(entry.fallbacks ?? []).map((target, index): [Path, string] => [['fallbacks', index], target]),
    ...(entry.vision === undefined ? [] : [[['vision'], entry.vision] as [Path, string]]),
  ]
}

function checkTarget(path: Path, target: string, configuration: Configuration): ConfigurationProblem[] {
  const reference = splitTarget(target)
  if (reference === undefined) return [{ path, message: 'a target is PROVIDER/MODEL' }]
  const provider = providerNameOf(reference.provider, configuration)
  const entry = ownEntry(configuration.providers, provider)
  const record = recordOf(provider, entry)
  if (record === undefined) {
    // A configured provider without a record has its own problem already, at its own path.
    if (entry !== undefined) return []
    const hint = didYouMean(provider, usableProviders(configuration)) || '; add it under providers'
    return [{ path, message: `unknown provider "${provider}"${hint}` }]
  }
  if (entry !== undefined) return []
  return openPlaces(record, {}).map((place) => ({
    path,
    message: `needs providers.${provider}.options.${place}: the address of this provider holds {${place}}`,
  }))
}

/** `tiers` and `default_model` name an alias or write a target out. */
function checkNames(configuration: Configuration): ConfigurationProblem[] {
  const named: [Path, string | undefined][] = [
    ...Object.entries(configuration.tiers).map(([tier, name]): [Path, string | undefined] => [
      ['tiers', tier],
      name,
    ]),
    [['default_model'], configuration.default_model],
  ]
  return named.flatMap(([path, name]) => {
    if (name === undefined || ownEntry(configuration.models, name) !== undefined) return []
    const reference = splitTarget(name)
    const provider = reference && providerNameOf(reference.provider, configuration)
    if (provider !== undefined && usableProviders(configuration).includes(provider)) {
      return checkTarget(path, name, configuration)
    }
    const hint =
      didYouMean(name, Object.keys(configuration.models)) || '; it is no alias and no PROVIDER/MODEL'
    return [{ path, message: `unknown model "${name}"${hint}` }]
  })
}
