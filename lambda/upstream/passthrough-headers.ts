/**
 * Which headers pass through. A list of what may, not of what may not: the caller's own credentials (whatever header
 * an identity proxy puts them into) must not reach a provider, and the carrier's headers (Function URL, SigV4) are
 * nobody's business there.
 */
const REQUEST_NAMES = new Set([
  'accept',
  'content-type',
  'user-agent',
  'x-app',
  'x-client-request-id',
  'idempotency-key',
])
const REQUEST_PREFIXES = ['anthropic-', 'x-stainless-', 'x-claude-']

const ANSWER_NAMES = new Set([
  'content-type',
  'content-encoding',
  'cache-control',
  'request-id',
  'retry-after',
  'retry-after-ms',
  'x-should-retry',
])
const ANSWER_PREFIXES = ['anthropic-']
/** Whose account the gateway's key belongs to is the operator's business (`anthropic-organization-id`). */
const ANSWER_ACCOUNT = /^anthropic-(?:organization|workspace|account)/

type Headers = Readonly<Record<string, string>>

export function forwardedRequestHeaders(headers: Headers): Record<string, string> {
  return chosen(headers, REQUEST_NAMES, REQUEST_PREFIXES)
}

export function forwardedAnswerHeaders(headers: Headers): Record<string, string> {
  const passing = chosen(headers, ANSWER_NAMES, ANSWER_PREFIXES)
  return Object.fromEntries(Object.entries(passing).filter(([name]) => !ANSWER_ACCOUNT.test(name)))
}

function chosen(
  headers: Headers,
  names: ReadonlySet<string>,
  prefixes: readonly string[],
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) => names.has(name) || prefixes.some((prefix) => name.startsWith(prefix)),
    ),
  )
}
