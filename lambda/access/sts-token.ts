import { refusal } from './refusal.ts'

/**
 * A presigned `sts:GetCallerIdentity`, as `aws eks get-token --cluster-name AUDIENCE` prints it: `k8s-aws-v1.` and
 * the base64url of an STS URL. The rule of this file: rebuild, never fetch. From the token come five values, each
 * of a narrow shape; host, path, action, version, algorithm and signed headers are ours. A token that says anything
 * else than what we rebuild is refused before any request is made (the lesson of CVE-2020-16250, where a verifier
 * could be steered to another STS call).
 */

export const STS_TOKEN_PREFIX = 'k8s-aws-v1.'
/** The header that binds a token to one gateway; signed, and never part of the token itself. */
export const AUDIENCE_HEADER = 'x-k8s-aws-id'

/** As in aws-iam-authenticator, whose clients make these tokens; one with a long session token has about 2 KB. */
const MAXIMUM_BYTES = 4096
/** STS honours a presigned URL for 15 minutes from its date, whatever its X-Amz-Expires says. */
const LIFETIME_MILLISECONDS = 15 * 60_000
/** What STS itself allows a caller's clock to be fast. */
const FAST_CLOCK_MILLISECONDS = 5 * 60_000

const FIXED = {
  Action: 'GetCallerIdentity',
  Version: '2011-06-15',
  'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
  'X-Amz-SignedHeaders': `host;${AUDIENCE_HEADER}`,
} as const

const SHAPES: Readonly<Record<string, RegExp>> = {
  'X-Amz-Credential': /^[A-Z0-9]{16,128}\/\d{8}\/[a-z0-9-]{5,32}\/sts\/aws4_request$/,
  'X-Amz-Date': /^\d{8}T\d{6}Z$/,
  'X-Amz-Expires': /^\d{1,3}$/,
  'X-Amz-Security-Token': /^[A-Za-z0-9+/=_-]{1,3072}$/,
  'X-Amz-Signature': /^[0-9a-f]{64}$/,
}

/** The STS request that proves the token, made of checked parts. */
export interface StsRequest {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

export interface StsTokenRules {
  readonly audience: string
  /** Regions whose STS may be asked. */
  readonly regions: readonly string[]
}

/** @throws GatewayError `authentication` for everything but a fresh, well-formed token for an allowed region. */
export function toStsRequest(token: string, rules: StsTokenRules, now: number): StsRequest {
  const { host, query } = splitUrl(decodeToken(token))
  const parameters = readParameters(query)
  for (const [name, value] of Object.entries(FIXED)) {
    if (parameters.get(name) !== value) throw malformed(`its ${name} must be ${value}`)
  }
  for (const [name, shape] of Object.entries(SHAPES)) {
    const value = parameters.get(name)
    if (value === undefined && name === 'X-Amz-Security-Token') continue
    if (value === undefined || !shape.test(value))
      throw malformed(`its ${name} is missing or has the wrong shape`)
  }
  if (Number(parameters.get('X-Amz-Expires')) > 900) throw malformed('its X-Amz-Expires is above 900')

  const date = parameters.get('X-Amz-Date') ?? ''
  const [, day, region = ''] = (parameters.get('X-Amz-Credential') ?? '').split('/')
  if (day !== date.slice(0, 8)) throw malformed('its credential scope is of another day than its date')
  if (!rules.regions.includes(region)) {
    throw refusal(
      `The token was made for the STS of a region that this gateway does not ask. Make it in one of: ${rules.regions.join(', ')} (aws eks get-token --region …).`,
    )
  }
  if (host !== stsHost(region)) throw malformed('its host is not the STS of its own region')
  return {
    url: new URL(`https://${stsHost(region)}/?${toQuery(parameters)}`),
    headers: { [AUDIENCE_HEADER]: rules.audience },
    expiresAt: expiry(date, now),
  }
}

export function stsHost(region: string): string {
  return `sts.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`
}

function decodeToken(token: string): string {
  if (token.length > MAXIMUM_BYTES) throw malformed(`it is longer than ${MAXIMUM_BYTES} bytes`)
  const encoded = token.slice(STS_TOKEN_PREFIX.length)
  if (!/^[A-Za-z0-9_-]+$/.test(encoded)) throw malformed('it is not base64url')
  return Buffer.from(encoded, 'base64url').toString('latin1')
}

/** By hand, for `new URL` mends what it reads: backslashes, dots, control characters. */
function splitUrl(url: string): { readonly host: string; readonly query: string } {
  const [, host, query] = /^https:\/\/([a-z0-9.-]{1,128})\/\?([\x21-\x7e]+)$/.exec(url) ?? []
  if (host === undefined || query === undefined)
    throw malformed('it does not hold an https URL with the path /')
  return { host, query }
}

function readParameters(query: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>()
  for (const pair of query.split('&')) {
    const [, name, encoded] = /^([A-Za-z-]{1,32})=([A-Za-z0-9._~%-]*)$/.exec(pair) ?? []
    if (name === undefined || encoded === undefined) throw malformed('its query is not plain')
    if (!Object.hasOwn(FIXED, name) && !Object.hasOwn(SHAPES, name))
      throw malformed('its query holds a parameter that does not belong there')
    if (parameters.has(name)) throw malformed(`its ${name} appears twice`)
    parameters.set(name, decodePercent(encoded))
  }
  return parameters
}

function decodePercent(encoded: string): string {
  try {
    return decodeURIComponent(encoded)
  } catch {
    throw malformed('its query has a broken percent-encoding')
  }
}

function toQuery(parameters: ReadonlyMap<string, string>): string {
  return [...Object.keys(FIXED), ...Object.keys(SHAPES)]
    .flatMap((name) => {
      const value = parameters.get(name)
      return value === undefined ? [] : `${name}=${encodeURIComponent(value)}`
    })
    .join('&')
}

function expiry(date: string, now: number): number {
  const signed = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (!Number.isFinite(signed)) throw malformed('its date is not a date')
  if (signed - now > FAST_CLOCK_MILLISECONDS) {
    throw refusal('The token is dated in the future. Set the clock of the machine that made it.')
  }
  const expiresAt = signed + LIFETIME_MILLISECONDS
  if (now >= expiresAt)
    throw refusal('The token is older than 15 minutes. Make a new one: run your apiKeyHelper again.')
  return expiresAt
}

function malformed(what: string) {
  return refusal(
    `The token is not a presigned GetCallerIdentity as "aws eks get-token --cluster-name AUDIENCE" prints it: ${what}.`,
  )
}
