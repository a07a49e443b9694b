import { GatewayError } from '../../lambda/errors.ts'
import type { Configuration } from '../../lambda/map/configuration.ts'
import type { Target } from '../../lambda/map/target.ts'
import { toTarget } from '../../lambda/map/to-target.ts'
import type { Finding } from './finding.ts'

const LIMIT_MILLISECONDS = 15_000

/**
 * Asks a provider for its list of models: a call that costs nothing and needs the key. Where the list lies follows
 * from the address and the dialect; a provider without one can only be asked by a turn.
 */
export async function probeProvider(
  provider: string,
  key: string | undefined,
  configuration: Configuration,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<Pick<Finding, 'state' | 'words'>> {
  let target: Target
  try {
    target = toTarget({ provider, model: 'probe' }, {}, configuration, { environment: 'aws', variables })
  } catch (thrown) {
    if (!(thrown instanceof GatewayError)) throw thrown
    return { state: 'failed', words: thrown.message }
  }
  const address = toListAddress(target)
  const headers = toHeaders(target, key)
  if (address === undefined || headers === undefined) return { state: 'warning', words: NOT_ASKED }
  if (isPrivate(address))
    return { state: 'warning', words: `its server is not to be reached from everywhere; ${TRY}` }
  let status: number
  try {
    const answer = await fetch(address, {
      headers,
      signal: AbortSignal.timeout(LIMIT_MILLISECONDS),
      redirect: 'error',
    })
    await answer.body?.cancel()
    status = answer.status
  } catch {
    return { state: 'warning', words: `cannot be reached from this machine; ${TRY}` }
  }
  if (status === 200) return { state: 'ok', words: key === undefined ? 'answers' : 'takes its key' }
  if (status === 401 || status === 403) {
    return { state: 'failed', words: `refuses its key (${status}): messages-lambda keys set ${provider}` }
  }
  return {
    state: 'warning',
    words: `answers ${status} when asked for its models, so its key is not proved; ${TRY}`,
  }
}

const TRY = 'try it: messages-lambda models test'
const NOT_ASKED = `cannot be asked without a turn; ${TRY}`

/** Beside the address of the turns: `…/chat/completions` and `…/models`. */
function toListAddress({ dialect, url }: Target): URL | undefined {
  const address = URL.parse(url)
  if (address === null || !/^https?:$/.test(address.protocol)) return undefined
  const ends: Readonly<Record<Target['dialect'], [RegExp, string] | undefined>> = {
    chat: [/\/chat\/completions$/, '/models'],
    messages: [/\/messages$/, '/models'],
    ollama: [/\/api\/chat$/, '/api/tags'],
    demo: undefined,
  }
  const end = ends[dialect]
  if (end === undefined || !end[0].test(address.pathname)) return undefined
  address.pathname = address.pathname.replace(...end)
  return address
}

/** Undefined where a plain header is not enough: signatures and Google's tokens. */
function toHeaders({ authentication, headers }: Target, key = ''): Record<string, string> | undefined {
  switch (authentication) {
    case 'bearer':
      return key === '' ? { ...headers } : { ...headers, authorization: `Bearer ${key}` }
    case 'api-key':
      return { ...headers, 'api-key': key }
    case 'x-api-key':
      return { ...headers, 'x-api-key': key, 'anthropic-version': '2023-06-01' }
    case 'none':
      return { ...headers }
    case 'sigv4-bedrock':
    case 'google':
      return undefined
    default: {
      const exhaustive: never = authentication
      return exhaustive
    }
  }
}

/** A key must not travel in the clear from an operator's machine to an address that only the function can reach. */
function isPrivate(address: URL): boolean {
  return address.protocol === 'http:' && !/^(127\.0\.0\.1|localhost|\[::1\])$/.test(address.hostname)
}
