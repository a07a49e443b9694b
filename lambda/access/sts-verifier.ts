import * as z from 'zod'
import { GatewayError } from '../errors.ts'
import type { ProvenIdentity } from './admission.ts'
import { fetchJson, type JsonRequest, type JsonResponse } from './fetch-json.ts'
import { refusal } from './refusal.ts'
import { type StsRequest, type StsTokenRules, toStsRequest } from './sts-token.ts'
import { TokenCache } from './token-cache.ts'

/** A revoked session is noticed after this time at the latest. */
const REMEMBER_MILLISECONDS = 5 * 60_000
const TIMEOUT_MILLISECONDS = 2000
const MAXIMUM_BYTES = 64 * 1024

const IDENTITY_ARN =
  /^arn:aws[a-z-]*:(?:iam|sts)::(\d{12}):(?:(?:assumed-role|user|federated-user)\/\S+|root)$/

const CallerIdentitySchema = z.object({
  GetCallerIdentityResponse: z.object({
    GetCallerIdentityResult: z.object({
      Account: z.string().regex(/^\d{12}$/),
      Arn: z.string().max(2048).regex(IDENTITY_ARN),
    }),
  }),
})

/** @throws GatewayError `authentication` for a bad token, `timeout` or `upstream` when STS is in trouble. */
export type VerifyStsToken = (token: string) => Promise<ProvenIdentity>

export interface StsVerifierOptions extends StsTokenRules {
  readonly now: () => number
  readonly endpoint?: JsonRequest['endpoint']
}

/** Asks STS whose signature a token holds. See `sts-token.ts` for what is ever asked. */
export function createStsVerifier(options: StsVerifierOptions): VerifyStsToken {
  const identities = new TokenCache<ProvenIdentity>({
    now: options.now,
    isRefusal: (error): error is GatewayError =>
      error instanceof GatewayError && error.kind === 'authentication',
  })
  return async (token) => {
    const request = toStsRequest(token, options, options.now())
    return identities.get(token, async () => ({
      value: toIdentity(await askSts(request, options)),
      until: Math.min(request.expiresAt, options.now() + REMEMBER_MILLISECONDS),
    }))
  }
}

async function askSts(request: StsRequest, { endpoint }: StsVerifierOptions): Promise<JsonResponse> {
  try {
    return await fetchJson(request.url, {
      headers: request.headers,
      timeoutMilliseconds: TIMEOUT_MILLISECONDS,
      maximumBytes: MAXIMUM_BYTES,
      endpoint,
    })
  } catch (cause) {
    const late = cause instanceof Error && cause.name === 'AbortError'
    throw new GatewayError(
      late ? 'timeout' : 'upstream',
      'AWS STS, which has to confirm your token, could not be asked in time. Try again.',
      { cause },
    )
  }
}

function toIdentity({ status, body }: JsonResponse): ProvenIdentity {
  if (status === 429 || status >= 500) {
    throw new GatewayError(
      'upstream',
      `AWS STS, which has to confirm your token, answered ${status}. Try again.`,
    )
  }
  if (status !== 200) {
    throw refusal(
      'AWS STS does not confirm this token: its signature is wrong, its credentials have expired, or it was made for another audience. Make a new one: run your apiKeyHelper again.',
    )
  }
  const parsed = CallerIdentitySchema.safeParse(body)
  if (!parsed.success)
    throw refusal('AWS STS answered with something that is not a caller identity.', parsed.error)
  const { Account: account, Arn: arn } = parsed.data.GetCallerIdentityResponse.GetCallerIdentityResult
  if (IDENTITY_ARN.exec(arn)?.[1] !== account)
    throw refusal('AWS STS answered with an ARN of another account.')
  return { arn, account }
}
