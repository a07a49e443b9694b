import { type KeyObject, verify } from 'node:crypto'
import * as z from 'zod'
import type { ProvenIdentity } from './admission.ts'
import type { IssuerKeys } from './issuer-keys.ts'
import { refusal } from './refusal.ts'

/**
 * The JWT of `aws sts get-web-identity-token` (AWS outbound identity federation, 2025-11), checked offline with the
 * issuer's keys. Claims as AWS documents them (IAM user guide, "Understanding token claims", 2026-11).
 */

const MAXIMUM_BYTES = 16 * 1024
/** How far the issuer's clock may be ahead of ours. None is given to `exp`. */
const CLOCK_SECONDS = 30
const NAMESPACE = 'https://sts.amazonaws.com/'

const HeaderSchema = z.object({
  // Nothing else exists here: no `none`, and no HMAC that would take a public key for a secret.
  alg: z.enum(['RS256', 'ES384']),
  kid: z.string().min(1).max(256),
  crit: z.undefined().optional(),
})

const AwsClaimsSchema = z.object({
  aws_account: z.string().optional(),
  org_id: z.string().optional(),
  identity_store_user_id: z.string().max(128).optional(),
})

const ClaimsSchema = z.object({
  iss: z.string(),
  aud: z.union([z.string(), z.array(z.string()).max(10)]),
  sub: z
    .string()
    .max(2048)
    .regex(/^arn:aws[a-z-]*:(?:iam|sts)::\d{12}:\S+$/),
  exp: z.number(),
  iat: z.number(),
  nbf: z.number().optional(),
  [NAMESPACE]: AwsClaimsSchema.optional(),
  // The same claims written flat: not seen, but the documentation's words allow it.
  [`${NAMESPACE}aws_account`]: z.string().optional(),
  [`${NAMESPACE}org_id`]: z.string().optional(),
})

type Claims = z.infer<typeof ClaimsSchema>

export interface WebIdentity extends ProvenIdentity {
  /** IAM Identity Center's id of the person, where there is one: the ARN is that of the role only. */
  readonly person?: string
}

/** @throws GatewayError `authentication` for a bad token, `upstream` when the issuer's keys cannot be read. */
export type VerifyWebIdentityToken = (token: string) => Promise<WebIdentity>

export interface WebIdentityVerifierOptions {
  readonly audience: string
  /** Exactly as in `iss`. Nobody else is ever asked for keys. */
  readonly issuers: readonly string[]
  readonly keys: IssuerKeys
  readonly now: () => number
}

export function createWebIdentityVerifier(options: WebIdentityVerifierOptions): VerifyWebIdentityToken {
  return async (token) => {
    const { header, claims, signed, signature } = decode(token)
    if (!options.issuers.includes(claims.iss)) {
      throw refusal(
        'The token comes from an issuer that this gateway does not know. Ask the people who run it.',
      )
    }
    checkClaims(claims, options)
    const key = await options.keys(claims.iss, header.kid)
    if (!key)
      throw refusal(
        'The token is signed with a key that its issuer does not have (any more). Make a new one.',
      )
    if (!isSignedBy(key, header.alg, signed, signature)) throw refusal('The signature of the token is wrong.')
    return toIdentity(claims)
  }
}

function decode(token: string) {
  const parts = token.split('.')
  const [header = '', claims = '', signature = ''] = parts
  if (
    token.length > MAXIMUM_BYTES ||
    parts.length !== 3 ||
    !parts.every((part) => /^[A-Za-z0-9_-]+$/.test(part))
  ) {
    throw malformed()
  }
  const parsedHeader = HeaderSchema.safeParse(json(header))
  if (!parsedHeader.success) {
    throw refusal('The token must be signed with RS256 or ES384 and name its key (kid).', parsedHeader.error)
  }
  const parsedClaims = ClaimsSchema.safeParse(json(claims))
  if (!parsedClaims.success) throw malformed(parsedClaims.error)
  return {
    header: parsedHeader.data,
    claims: parsedClaims.data,
    signed: Buffer.from(`${header}.${claims}`),
    signature: Buffer.from(signature, 'base64url'),
  }
}

function json(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as unknown
  } catch {
    // The cause would quote the token.
    throw malformed()
  }
}

function checkClaims(claims: Claims, { audience, now }: WebIdentityVerifierOptions): void {
  const seconds = now() / 1000
  if (![claims.aud].flat().includes(audience)) {
    throw refusal('The token was made for another audience. Make one for this gateway (--audience).')
  }
  if (seconds >= claims.exp)
    throw refusal('The token has expired. Make a new one: run your apiKeyHelper again.')
  if (Math.max(claims.iat, claims.nbf ?? claims.iat) > seconds + CLOCK_SECONDS) {
    throw refusal('The token is not valid yet.')
  }
}

function isSignedBy(
  key: KeyObject,
  algorithm: 'RS256' | 'ES384',
  signed: Buffer,
  signature: Buffer,
): boolean {
  const details = key.asymmetricKeyDetails
  if (algorithm === 'RS256') {
    const strong = key.asymmetricKeyType === 'rsa' && (details?.modulusLength ?? 0) >= 2048
    return strong && verify('sha256', signed, key, signature)
  }
  const fitting = key.asymmetricKeyType === 'ec' && details?.namedCurve === 'secp384r1'
  return fitting && verify('sha384', signed, { key, dsaEncoding: 'ieee-p1363' }, signature)
}

function toIdentity(claims: Claims): WebIdentity {
  const account = claims.sub.split(':')[4] ?? ''
  const named = claims[NAMESPACE]?.aws_account ?? claims[`${NAMESPACE}aws_account`]
  if (named !== undefined && named !== account) throw refusal('The token names two different accounts.')
  return {
    arn: claims.sub,
    account,
    organization: claims[NAMESPACE]?.org_id ?? claims[`${NAMESPACE}org_id`],
    person: claims[NAMESPACE]?.identity_store_user_id,
  }
}

function malformed(cause?: unknown) {
  return refusal(
    'The token is not a web identity token as "aws sts get-web-identity-token" prints it.',
    cause,
  )
}
