import { GatewayError } from '../../lambda/errors.ts'

/** What a request is signed with. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  readonly expiration?: Date
}

/** The caller's credentials, always fresh. */
export interface CredentialSource {
  /** @throws GatewayError `authentication` that names the command to run. */
  get(): Promise<Credentials>
  /** Reads everything again, because AWS called the last ones expired. Once for all who ask at the same time. */
  renew(): Promise<Credentials>
}

/** One walk through environment, profile, SSO, process, web identity and instance; remembers until expiry. */
type Chain = () => Promise<Credentials>

export interface CredentialSourceOptions {
  readonly profile?: string
  /** Makes a chain that remembers nothing yet. Default: the AWS SDK's own, loaded when it is first needed. */
  readonly openChain?: (profile: string | undefined) => Promise<Chain>
}

/** Renewed when less than this is left, so that no request is signed with what expires on the way. */
const MARGIN_MILLISECONDS = 60_000

export function createCredentialSource({
  profile,
  openChain = openSdkChain,
}: CredentialSourceOptions): CredentialSource {
  let chain: Promise<Chain> | undefined
  let renewing: Promise<Credentials> | undefined

  async function read(): Promise<Credentials> {
    try {
      chain ??= openChain(profile)
      return await (await chain)()
    } catch (cause) {
      chain = undefined
      throw toCredentialError(cause, profile)
    }
  }

  function renew(): Promise<Credentials> {
    renewing ??= (async () => {
      chain = undefined
      return await read()
    })().finally(() => {
      renewing = undefined
    })
    return renewing
  }

  return {
    renew,
    async get() {
      if (renewing) return renewing
      const credentials = await read()
      const left = (credentials.expiration?.getTime() ?? Number.POSITIVE_INFINITY) - Date.now()
      return left > MARGIN_MILLISECONDS ? credentials : renew()
    },
  }
}

async function openSdkChain(profile: string | undefined): Promise<Chain> {
  const { fromNodeProviderChain } = await import('@aws-sdk/credential-providers')
  // A file that `aws sso login` or a tool has rewritten must be read again, not remembered.
  return fromNodeProviderChain({ profile, ignoreCache: true })
}

/** The command that brings a person's credentials back. */
export function signInCommand(profile: string | undefined): string {
  return profile === undefined ? 'aws sso login' : `aws sso login --profile ${profile}`
}

function toCredentialError(cause: unknown, profile: string | undefined): GatewayError {
  const words = cause instanceof Error ? cause.message : String(cause)
  return new GatewayError('authentication', explain(words, profile), { cause, shouldRetry: false })
}

/** The SDK's own words (3.1169, seen in its chain) turned into what to do; they hold no secrets. */
function explain(words: string, profile: string | undefined): string {
  const chosen = profile === undefined ? '' : ` of the profile ${profile}`
  if (/sso|sign.?in|login/i.test(words) && /expired|invalid|not found|refresh/i.test(words)) {
    return `Your AWS sign-in${chosen} has expired. Run: ${signInCommand(profile)}`
  }
  // A profile that does not exist and one without credentials end in the same words.
  if (/could not (load credentials from any providers|resolve credentials using profile)/i.test(words)) {
    return profile === undefined
      ? `There are no AWS credentials. Sign in (${signInCommand(profile)}), name a profile (--profile NAME or AWS_PROFILE), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`
      : `The AWS profile ${profile} does not exist or has no credentials. See: aws configure list-profiles. Sign in: ${signInCommand(profile)}`
  }
  return `The AWS credentials${chosen} could not be read: ${words}`
}
