import { type ErrorKind, UpstreamError } from '../errors.ts'
import { ForbiddenAddressError } from './forbidden-address.ts'

/** What the way to a provider did wrong, as opposed to what the provider answered. Messages never hold the URL. */

interface Finding {
  readonly kind: ErrorKind
  readonly message: string
  readonly retryable: boolean
}

/** By Node's error code; the text follows the words "The provider NAME". */
const BY_CODE: Readonly<Record<string, Finding>> = {
  ECONNREFUSED: lost('refuses the connection. Check that it is running and that its base_url is right.'),
  ECONNRESET: lost('closed the connection before its answer was complete. Try again.'),
  EPIPE: lost('closed the connection before its answer was complete. Try again.'),
  ETIMEDOUT: lost('could not be reached in time. Check the network on the way to it.'),
  EHOSTUNREACH: lost('cannot be reached from here. Check the network on the way to it.'),
  ENETUNREACH: lost('cannot be reached from here. Check the network on the way to it.'),
  ENOTFOUND: lost('has a base_url whose host name does not exist. Check the base_url and the name servers.'),
  EAI_AGAIN: lost('has a host name that could not be resolved just now. Try again.'),
  ERR_INVALID_CHAR: misconfigured(
    'cannot be asked: its key or one of its headers holds a character that HTTP forbids, such as a line break. Set it again.',
  ),
  ERR_INVALID_HTTP_TOKEN: misconfigured(
    'cannot be asked: one of its header names is not a valid name. Correct it.',
  ),
  ERR_INVALID_URL: misconfigured('has a base_url that is no URL. Correct it.'),
  ERR_INVALID_PROTOCOL: misconfigured('has a base_url that is neither http nor https. Correct it.'),
}

function lost(message: string): Finding {
  return { kind: 'upstream', message, retryable: true }
}

function misconfigured(message: string): Finding {
  return { kind: 'misconfigured', message, retryable: false }
}

function findingOf(thrown: unknown): Finding {
  if (thrown instanceof ForbiddenAddressError) {
    return misconfigured(
      'has a base_url that points at a link-local or metadata address, which the gateway never calls. Set another base_url.',
    )
  }
  const code =
    thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : ''
  const known = BY_CODE[code]
  if (known) return known
  if (/CERT|TLS|SSL|ALTNAME|SELF_SIGNED|ISSUER|EPROTO/.test(code)) {
    return {
      ...misconfigured(
        'does not prove its identity: its certificate or TLS set-up is not accepted. Check its base_url.',
      ),
      kind: 'upstream',
    }
  }
  if (code.startsWith('HPE_'))
    return lost('sent something that is not HTTP. Check that its base_url is right.')
  return lost('could not be reached, or the connection broke. Try again.')
}

/** A socket, DNS, TLS or HTTP parser error as one that may go out. */
export function toTransportError(provider: string, thrown: unknown): UpstreamError {
  if (thrown instanceof UpstreamError) return thrown
  const { kind, message, retryable } = findingOf(thrown)
  return new UpstreamError(kind, `The provider ${provider} ${message}`, {
    provider,
    retryable,
    curable: true,
    cause: thrown,
  })
}

/** One of the limits of `Target.timeouts` has passed. */
export function toTimeoutError(
  provider: string,
  what: string,
  seconds: number,
  setting: string,
): UpstreamError {
  return new UpstreamError(
    'timeout',
    `The provider ${provider} ${what} within ${seconds} s. Try again, or raise timeouts.${setting} of the provider or model.`,
    { provider, retryable: true, curable: true },
  )
}
