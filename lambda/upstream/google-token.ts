import { access, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import type { AuthClient } from 'google-auth-library'
import { UpstreamError } from '../errors.ts'
import { type AwsCredentialSource, awsCredentials } from './aws-credentials.ts'

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform'
/** A token is renewed this long before it expires, so that none expires on the way. */
const EARLY_MILLISECONDS = 5 * 60_000
/** Google's tokens live for an hour; used where an answer does not say. */
const USUAL_LIFE_MILLISECONDS = 60 * 60_000
const REQUEST_MILLISECONDS = 10_000

/** What there is to prove who asks, in the order in which it is looked for. */
export type GoogleIdentity =
  /** A service account, a federation or a user, in the JSON form that Google's tools write. */
  | { readonly kind: 'json'; readonly text: string }
  /**
   * Workload identity federation from the process's AWS credentials, by provider options:
   * `workload_identity_provider` is `projects/N/locations/global/workloadIdentityPools/POOL/providers/PROVIDER`,
   * `service_account` the account to act as (absent: the federated identity itself).
   */
  | {
      readonly kind: 'federation'
      readonly workloadIdentityProvider: string
      readonly serviceAccount?: string
      readonly region?: string
    }
  /** What `gcloud auth application-default login` or GOOGLE_APPLICATION_CREDENTIALS left on a laptop. */
  | { readonly kind: 'application-default' }

export interface GoogleTokenOptions {
  readonly credentials?: AwsCredentialSource
  /** Default: Google's own token endpoint. */
  readonly stsUrl?: string
  /** Milliseconds since 1970. */
  readonly now?: () => number
  /** For tests: what carries the library's requests. */
  readonly fetch?: typeof fetch
}

interface KeptToken {
  token: Promise<string>
  /** Milliseconds since 1970; never, while it is being asked for. */
  renewAt: number
}

/**
 * OAuth access tokens for Google, each kept until shortly before it expires and asked for once by all who need it at
 * the same time. The library is loaded at the first use: 33 ms that no other provider should pay.
 */
export class GoogleTokens {
  readonly #options: GoogleTokenOptions
  readonly #now: () => number
  readonly #tokens = new Map<string, KeptToken>()

  constructor(options: GoogleTokenOptions = {}) {
    this.#options = options
    this.#now = options.now ?? Date.now
  }

  /**
   * `provider` is the configured name, for messages.
   * @throws UpstreamError `misconfigured` when Google refuses the identity, `upstream` when it cannot be asked.
   */
  get(identity: GoogleIdentity, provider: string): Promise<string> {
    const name = JSON.stringify(identity)
    const kept = this.#tokens.get(name)
    if (kept && this.#now() < kept.renewAt) return kept.token
    const asked: KeptToken = { token: this.#ask(identity, provider), renewAt: Number.POSITIVE_INFINITY }
    this.#tokens.set(name, asked)
    return asked.token
  }

  /** The provider refused the token: the next call asks for a new one. */
  forget(identity: GoogleIdentity): void {
    this.#tokens.delete(JSON.stringify(identity))
  }

  async #ask(identity: GoogleIdentity, provider: string): Promise<string> {
    try {
      const client = await this.#client(identity)
      const { token } = await client.getAccessToken()
      if (!token) throw new Error('the answer holds no token')
      const kept = this.#tokens.get(JSON.stringify(identity))
      const expiry = client.credentials.expiry_date ?? this.#now() + USUAL_LIFE_MILLISECONDS
      if (kept) kept.renewAt = expiry - EARLY_MILLISECONDS
      return token
    } catch (thrown) {
      this.forget(identity)
      throw toTokenError(provider, thrown)
    }
  }

  async #client(identity: GoogleIdentity): Promise<AuthClient> {
    const { AwsClient, JWT, UserRefreshClient } = await import('google-auth-library')
    const { fetch: fetchImplementation } = this.#options
    const clientOptions = {
      transporterOptions: {
        timeout: REQUEST_MILLISECONDS,
        ...(fetchImplementation ? { fetchImplementation } : {}),
      },
    }
    const settings = await this.#settings(identity)
    if (isAwsFederation(settings)) {
      const client = new AwsClient({
        ...settings,
        ...clientOptions,
        credential_source: undefined,
        aws_security_credentials_supplier: this.#supplier(identity),
      })
      client.scopes = [SCOPE]
      return client
    }
    switch (settings['type']) {
      case 'service_account': {
        const client = new JWT({ ...clientOptions, scopes: [SCOPE] })
        client.fromJSON(settings)
        return client
      }
      case 'authorized_user': {
        const client = new UserRefreshClient(clientOptions)
        client.fromJSON(settings)
        return client
      }
      default:
        throw new Error('these Google credentials are of a type that is not supported')
    }
  }

  async #settings(identity: GoogleIdentity): Promise<Record<string, unknown>> {
    switch (identity.kind) {
      case 'json':
        return parsedSettings(identity.text)
      case 'application-default':
        return parsedSettings(await readFile((await applicationDefaultFile()) ?? '', 'utf8'))
      case 'federation':
        return {
          type: 'external_account',
          audience: `//iam.googleapis.com/${identity.workloadIdentityProvider}`,
          subject_token_type: AWS_TOKEN_TYPE,
          token_url: this.#options.stsUrl ?? 'https://sts.googleapis.com/v1/token',
          ...(identity.serviceAccount
            ? {
                service_account_impersonation_url: `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${identity.serviceAccount}:generateAccessToken`,
              }
            : {}),
        }
      default: {
        const exhaustive: never = identity
        return exhaustive
      }
    }
  }

  /** The function's own credentials, so that the library never looks for a metadata server. */
  #supplier(identity: GoogleIdentity) {
    const credentials = this.#options.credentials ?? awsCredentials
    return {
      getAwsRegion: async () =>
        (identity.kind === 'federation' ? identity.region : undefined) ??
        process.env['AWS_REGION'] ??
        'us-east-1',
      getAwsSecurityCredentials: async () => {
        const { accessKeyId, secretAccessKey, sessionToken } = await credentials()
        return { accessKeyId, secretAccessKey, ...(sessionToken ? { token: sessionToken } : {}) }
      },
    }
  }
}

const AWS_TOKEN_TYPE = 'urn:ietf:params:aws:token-type:aws4_request'

function isAwsFederation(
  settings: Record<string, unknown>,
): settings is { audience: string; subject_token_type: string } {
  return settings['type'] === 'external_account' && settings['subject_token_type'] === AWS_TOKEN_TYPE
}

/** Where Google's own tools leave a laptop user's identity. undefined: nowhere. */
export async function applicationDefaultFile(): Promise<string | undefined> {
  const folder =
    process.env['CLOUDSDK_CONFIG'] ??
    path.join(process.env['APPDATA'] ?? path.join(homedir(), '.config'), 'gcloud')
  for (const file of [
    process.env['GOOGLE_APPLICATION_CREDENTIALS'],
    path.join(folder, 'application_default_credentials.json'),
  ]) {
    if (file === undefined || file === '') continue
    const readable = await access(file).then(
      () => true,
      () => false,
    )
    if (readable) return file
  }
  return undefined
}

function parsedSettings(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // Without the cause: the parser's message quotes what it read, and that is a secret.
    throw new Error('the Google credentials are not JSON')
  }
  if (typeof value !== 'object' || value === null)
    throw new Error('the Google credentials are not a JSON object')
  return { ...value }
}

function toTokenError(provider: string, thrown: unknown): UpstreamError {
  const status = thrown instanceof Error && 'status' in thrown ? Number(thrown.status) : undefined
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
  const passing = status !== undefined ? status >= 500 || status === 429 : typeof code === 'string'
  // Without the cause: the library's errors hold the request with its assertion.
  return passing
    ? new UpstreamError(
        'upstream',
        `Google's token endpoint, asked for the provider ${provider}, did not answer. Try again.`,
        {
          provider,
          retryable: true,
          curable: true,
        },
      )
    : new UpstreamError(
        'misconfigured',
        `Google gave no access token for the provider ${provider}${status === undefined ? '' : ` (status ${status})`}. Check the service account or the workload identity pool: its provider must trust this AWS account and role.`,
        { provider, retryable: false, curable: true },
      )
}
