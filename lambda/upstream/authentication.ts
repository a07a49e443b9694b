import { GatewayError } from '../errors.ts'
import type { ProviderKeys } from '../keys/provider-keys.ts'
import type { Log } from '../log.ts'
import type { Target } from '../map/target.ts'
import { applicationDefaultFile, type GoogleIdentity, GoogleTokens } from './google-token.ts'
import { signForBedrock } from './sigv4-bedrock.ts'

/** What a request has to be before it can prove who sends it: a signature covers all of it. */
export interface Unsigned {
  readonly url: string
  /** Lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | string
}

const GOOGLE_TOKENS = new GoogleTokens()

/**
 * All headers of a request to a target, its proof of identity among them. The operator's own headers win over it.
 * @throws GatewayError `misconfigured`, naming what to set, when there is nothing to prove it with.
 */
export async function authenticatedHeaders(
  target: Target,
  keys: ProviderKeys,
  { url, headers, body }: Unsigned,
  googleTokens: GoogleTokens = GOOGLE_TOKENS,
): Promise<Record<string, string>> {
  const own = lowerCase(target.headers)
  const all = { ...headers, ...own }
  switch (target.authentication) {
    case 'none':
      return all
    case 'bearer': {
      const key = await keyOrNone(target, keys)
      return key === undefined ? all : { ...headers, authorization: `Bearer ${key}`, ...own }
    }
    case 'api-key':
      return { ...headers, 'api-key': await keys.get(target.key), ...own }
    case 'x-api-key':
      return { ...headers, 'x-api-key': await keys.get(target.key), ...own }
    case 'sigv4-bedrock': {
      const key = await keyOrNone(target, keys)
      if (key !== undefined) return { ...headers, authorization: `Bearer ${key}`, ...own }
      return signForBedrock({ url, headers: all, body, region: target.options['region'] })
    }
    case 'google': {
      const { apiKey, identity } = await googleIdentity(target, keys)
      const token = apiKey ?? (await googleTokens.get(identity, target.provider))
      return { ...headers, authorization: `Bearer ${token}`, ...own }
    }
    default: {
      const exhaustive: never = target.authentication
      return exhaustive
    }
  }
}

/**
 * The provider refused what it was shown. Reads the key anew and says whether there is now another one to try.
 */
export async function renewedAuthentication(
  target: Target,
  keys: ProviderKeys,
  log: Log,
  googleTokens: GoogleTokens = GOOGLE_TOKENS,
): Promise<boolean> {
  try {
    return await renewed(target, keys, googleTokens)
  } catch (thrown) {
    // The provider's refusal says more to the caller than that the key could not be read a second time.
    log.warn('the key of a provider could not be read again', {
      provider: target.provider,
      error: thrown instanceof GatewayError ? thrown.kind : 'internal',
    })
    return false
  }
}

async function renewed(target: Target, keys: ProviderKeys, googleTokens: GoogleTokens): Promise<boolean> {
  if (target.authentication === 'none') return false
  if (target.authentication === 'google') {
    const { apiKey, identity } = await googleIdentity(target, keys)
    if (apiKey === undefined) {
      googleTokens.forget(identity)
      return true
    }
  }
  const before = await keyOrNone(target, keys)
  if (before === undefined) return false
  await keys.refresh(target.key)
  return (await keyOrNone(target, keys)) !== before
}

async function keyOrNone({ key }: Target, keys: ProviderKeys): Promise<string | undefined> {
  return key === 'none' ? undefined : keys.get(key)
}

type FoundIdentity =
  | { readonly apiKey: string; readonly identity?: undefined }
  | { readonly apiKey?: undefined; readonly identity: GoogleIdentity }

/** The key where there is one; else the federation that the options name; else what a laptop's user signed in with. */
async function googleIdentity(target: Target, keys: ProviderKeys): Promise<FoundIdentity> {
  const {
    workload_identity_provider: workloadIdentityProvider,
    service_account: serviceAccount,
    region,
  } = target.options
  const federation: FoundIdentity | undefined = workloadIdentityProvider
    ? { identity: { kind: 'federation', workloadIdentityProvider, serviceAccount, region } }
    : undefined
  try {
    const key = await keyOrNone(target, keys)
    if (key !== undefined) {
      return key.trimStart().startsWith('{') ? { identity: { kind: 'json', text: key } } : { apiKey: key }
    }
    if (federation) return federation
  } catch (thrown) {
    if (!(thrown instanceof GatewayError && thrown.kind === 'misconfigured')) throw thrown
    if (federation) return federation
    if ((await applicationDefaultFile()) === undefined) throw thrown
  }
  if ((await applicationDefaultFile()) !== undefined) return { identity: { kind: 'application-default' } }
  throw new GatewayError(
    'misconfigured',
    `There is nothing to prove to Google who asks. Set options: { workload_identity_provider: … } of the provider ${target.provider}, or a service account's JSON as its key.`,
  )
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
