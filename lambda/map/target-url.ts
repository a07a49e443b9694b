import { GatewayError } from '../errors.ts'
import type { Provider } from '../providers/provider.ts'
import type { ProviderEntry } from './configuration.ts'

const PLACE = /\{([a-z_]+)\}/g

type AddressParts = Pick<Provider, 'base_url' | 'path' | 'query'>

/** A provider entry's address lies over its record's, field by field. */
function addressOf(record: Provider, entry: ProviderEntry): AddressParts {
  return {
    base_url: (entry.base_url ?? record.base_url).replace(/\/+$/, ''),
    path: entry.path ?? record.path,
    query: { ...record.query, ...entry.query },
  }
}

/** Options of the record, the entry's over them. */
export function optionsOf(record: Provider, entry: ProviderEntry): Record<string, string> {
  return { ...record.options, ...entry.options }
}

/** Names of `{name}` places that nothing fills. `{model}` and `{region}` fill themselves: the model, the AWS region. */
export function openPlaces(record: Provider, entry: ProviderEntry): string[] {
  const { base_url, path, query } = addressOf(record, entry)
  const options = optionsOf(record, entry)
  const places = [base_url, path, ...Object.values(query ?? {})].flatMap((text) =>
    [...text.matchAll(PLACE)].map(([, place]) => place ?? ''),
  )
  return [...new Set(places)].filter(
    (place) => place !== 'model' && place !== 'region' && !Object.hasOwn(options, place),
  )
}

/**
 * Base URL, path and query put together, every `{name}` filled.
 * @throws GatewayError `misconfigured` when an option is missing or the result is no URL; `not_found` for a model's name
 * that no address can hold.
 */
export function toTargetUrl(
  provider: string,
  record: Provider,
  entry: ProviderEntry,
  values: Readonly<Record<string, string>>,
): string {
  const { base_url, path, query } = addressOf(record, entry)
  const fill = (text: string, toPart: (value: string) => string = String) =>
    text.replace(PLACE, (_, place: string) => {
      const value = Object.hasOwn(values, place) ? values[place] : undefined
      if (value === undefined) throw missingOption(provider, place)
      return place === 'model' ? toPart(value) : value
    })
  const url = URL.parse(fill(base_url, toSegment))
  if (url === null) {
    throw new GatewayError(
      'misconfigured',
      `The address of the provider "${provider}" is no URL. The operator mends its base_url or options.`,
    )
  }
  const [suffix = '', search = ''] = fill(path, toSegment).split('?', 2)
  // People paste the whole address (UPSTREAM_URL of the NVIDIA proxy is one); then the path stands there already.
  if (suffix !== '' && !url.pathname.endsWith(suffix)) url.pathname = url.pathname.replace(/\/$/, '') + suffix
  for (const [name, value] of new URLSearchParams(search)) url.searchParams.set(name, value)
  for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, fill(value))
  return url.href
}

/**
 * A model's name as one segment of a path. Callers may write it: `.` and `..` would lead elsewhere on the provider's
 * host, escaped or not, and half a character has no escape.
 */
function toSegment(model: string): string {
  if (/^\.{1,2}$/.test(model) || !model.isWellFormed()) {
    throw new GatewayError(
      'not_found',
      `model: ${model.toWellFormed()}. No provider has a model of this name.`,
    )
  }
  return encodeURIComponent(model)
}

function missingOption(provider: string, option: string): GatewayError {
  return new GatewayError(
    'misconfigured',
    `The provider "${provider}" needs the option "${option}". The operator sets it under providers.${provider}.options.`,
  )
}
