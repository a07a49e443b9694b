import { createHash, timingSafeEqual } from 'node:crypto'
import { GatewayError } from '../errors.ts'
import type { GatewayRequest } from '../http.ts'
import type { Log } from '../log.ts'
import type { AccessSettings } from './access-settings.ts'
import { type Admission, isAdmitted, isRestricted, type ProvenIdentity } from './admission.ts'
import { namesAccount } from './arn-pattern.ts'
import type { Caller } from './caller.ts'
import { CALLER_KEY_PREFIX, type KeyRecord } from './caller-key.ts'
import type { JsonRequest } from './fetch-json.ts'
import { createIssuerKeys } from './issuer-keys.ts'
import { createKeyVerifier } from './key-verifier.ts'
import { requireLocalRequest } from './local-request.ts'
import { type PresentedCredential, presentedCredential } from './presented-credential.ts'
import { refusal } from './refusal.ts'
import { STS_TOKEN_PREFIX } from './sts-token.ts'
import { createStsVerifier } from './sts-verifier.ts'
import { createWebIdentityVerifier } from './web-identity-token.ts'

/**
 * Says who is asking, before anything else is looked at.
 * @throws GatewayError `authentication` (401), `permission` (403: proven, but not admitted), and `upstream` or
 * `timeout` when AWS could not be asked about a token.
 */
export type Authenticate = (request: GatewayRequest) => Promise<Caller>

export interface BearerOptions extends Omit<AccessSettings, 'mode'> {
  readonly mode: 'bearer'
  /** The API keys that are valid now, from memory. Absent: none. */
  readonly keyRecords?: () => Promise<readonly KeyRecord[]>
  readonly log?: Log
  /** Milliseconds since 1970. Default: the system's clock. */
  readonly now?: () => number
  /** Where requests to STS and to issuers go; only tests set it. */
  readonly endpoint?: JsonRequest['endpoint']
}

export type AuthenticateOptions =
  | { readonly mode: 'iam' }
  /** Local only. With a key, callers must show it; `--host` makes it necessary. */
  | { readonly mode: 'open'; readonly key?: string }
  | BearerOptions

export function createAuthenticate(options: AuthenticateOptions): Authenticate {
  switch (options.mode) {
    case 'iam':
      return authenticateIam
    case 'open':
      return createOpen(options.key)
    case 'bearer':
      return createBearer(options)
    default: {
      const exhaustive: never = options
      return exhaustive
    }
  }
}

/** AWS has verified the signature; a Function URL with AWS_IAM lets nobody else through. */
async function authenticateIam({ iam }: GatewayRequest): Promise<Caller> {
  if (!iam) {
    throw new GatewayError(
      'authentication',
      'AWS has not vouched for this request. The function URL must have the auth type AWS_IAM, and callers come through "messages-lambda connect".',
      { shouldRetry: false },
    )
  }
  return { id: iam.userArn, kind: 'iam', account: iam.accountId, arn: iam.userArn }
}

function createOpen(key: string | undefined): Authenticate {
  const local: Caller = { id: 'local', kind: 'local' }
  if (key === undefined) {
    return async ({ headers }) => {
      requireLocalRequest(headers)
      return local
    }
  }
  const expected = sha256(key)
  return withPresented(async ({ value }) => {
    if (timingSafeEqual(sha256(value), expected)) return local
    throw refusal('The key is wrong. Send the key that the gateway was started with.')
  })
}

function createBearer(options: BearerOptions): Authenticate {
  const now = options.now ?? Date.now
  const verifyKey = createKeyVerifier(options.keyRecords ?? (async () => []))
  const verifySts = createStsVerifier({ ...options, now })
  const keys = createIssuerKeys({ now, log: options.log, endpoint: options.endpoint })
  const verifyWebIdentity = createWebIdentityVerifier({ ...options, now, keys })
  // STS vouches for every account in the world, so only what names accounts counts. Issuers are accounts themselves.
  const forSts = { ...options, principals: options.principals.filter(namesAccount) }

  return withPresented(async ({ value }) => {
    if (value.startsWith(CALLER_KEY_PREFIX)) return verifyKey(value)
    if (value.startsWith(STS_TOKEN_PREFIX)) {
      // STS does not tell the organization, so without accounts or principals nobody could be admitted: do not ask.
      if (forSts.accounts.length === 0 && forSts.principals.length === 0) throw refusal(NO_STS_TOKENS)
      const identity = await verifySts(value)
      requireAdmission(identity, forSts)
      return { id: identity.arn, kind: 'sts', account: identity.account, arn: identity.arn }
    }
    if (value.startsWith('eyJ')) {
      const identity = await verifyWebIdentity(value)
      // An issuer belongs to one account, so the list of issuers is itself a list of accounts.
      if (isRestricted(options)) requireAdmission(identity, options)
      const id = identity.person === undefined ? identity.arn : `${identity.arn}#${identity.person}`
      return { id, kind: 'jwt', account: identity.account, arn: identity.arn }
    }
    throw refusal(UNKNOWN_CREDENTIAL)
  })
}

const NO_STS_TOKENS =
  'This gateway does not take presigned GetCallerIdentity tokens: it has no list of accounts or principals. Its operator sets ACCESS_ACCOUNTS or ACCESS_PRINCIPALS.'
const UNKNOWN_CREDENTIAL =
  'The credential is none that this gateway knows. Send what "aws eks get-token" or "aws sts get-web-identity-token" prints, or an API key of this gateway (mlk_…).'

function requireAdmission(identity: ProvenIdentity, settings: Admission): void {
  if (isAdmitted(identity, settings)) return
  throw new GatewayError(
    'permission',
    `You are ${identity.arn}, and this gateway does not admit you. Ask the people who run it to add your account or role.`,
  )
}

/**
 * Claude Code repeats a 401 for minutes. That helps only where an `apiKeyHelper` brings a new value; with a fixed one
 * the user should see the error at once.
 */
function withPresented(verify: (credential: PresentedCredential) => Promise<Caller>): Authenticate {
  return async ({ headers }) => {
    const credential = presentedCredential(headers)
    if (!credential) {
      throw new GatewayError(
        'authentication',
        'The request shows no credential. Send it as "Authorization: Bearer …" or "x-api-key: …".',
        { shouldRetry: false },
      )
    }
    try {
      return await verify(credential)
    } catch (thrown) {
      if (credential.renewable || !(thrown instanceof GatewayError) || thrown.kind !== 'authentication')
        throw thrown
      throw new GatewayError('authentication', thrown.message, { cause: thrown.cause, shouldRetry: false })
    }
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
