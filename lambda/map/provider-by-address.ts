import { PROVIDERS } from '../providers/table.ts'
import type { ProviderDraft } from './takeover.ts'

/** A provider found by its address, and the entry that reaches exactly this address. */
export interface AddressedProvider {
  readonly name: string
  readonly entry: ProviderDraft
}

/**
 * Which provider lives at an address. Settings of other gateways name addresses, not providers; the record brings
 * the peculiarities along. An address that no record has is an OpenAI-compatible server of its own.
 * @param address base URL or the whole address of Chat Completions.
 * @param fallbackName the name of a server that no record knows.
 */
export function providerByAddress(address: string, fallbackName = 'upstream'): AddressedProvider {
  const base = address
    .trim()
    .replace(/\/+$/, '')
    .replace(/\/chat\/completions$/, '')
  const candidates = Object.entries(PROVIDERS).filter(
    ([, record]) => hostOf(record.base_url) === hostOf(base),
  )
  const chosen =
    candidates.find(([, record]) => record.base_url === base) ??
    candidates.find(([, { dialect }]) => dialect === 'chat')
  if (chosen === undefined || hostOf(base) === '')
    return { name: fallbackName, entry: { type: 'openai', base_url: base } }
  const [name, record] = chosen
  return { name, entry: record.base_url === base ? {} : { base_url: base } }
}

function hostOf(address: string): string {
  const host = URL.parse(address)?.host ?? ''
  return host.replace(/^127\.0\.0\.1(?=:|$)/, 'localhost')
}
