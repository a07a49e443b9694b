import * as z from 'zod'
import { GatewayError } from '../errors.ts'
import { isArnPattern, namesAccount } from './arn-pattern.ts'

/** What the token verifiers ask for unless it is set: `aws eks get-token --cluster-name messages-lambda`. */
const DEFAULT_AUDIENCE = 'messages-lambda'

const list = (item: z.ZodType<string, string>) =>
  z
    .string()
    .default('')
    .transform((text) => text.split(',').flatMap((part) => part.trim() || []))
    .pipe(z.array(item))

/** The environment variables of access; docs/access.md explains each. Lists are separated by commas. */
const EnvironmentSchema = z.object({
  ACCESS_MODE: z.enum(['iam', 'bearer', 'open']).default('iam'),
  ACCESS_AUDIENCE: z
    .string()
    .regex(/^[\x21-\x7e]{1,256}$/, 'an audience is 1 to 256 visible ASCII characters')
    .default(DEFAULT_AUDIENCE),
  ACCESS_ACCOUNTS: list(z.string().regex(/^\d{12}$/, 'an account is twelve digits')),
  ACCESS_PRINCIPALS: list(
    z.string().refine(isArnPattern, 'a principal is a whole ARN, where * stands for any text'),
  ),
  ACCESS_REGIONS: list(
    z.string().regex(/^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/, 'a region looks like eu-central-1'),
  ),
  ACCESS_ISSUERS: list(
    z
      .string()
      .regex(
        /^https:\/\/[A-Za-z0-9-]+\.tokens\.sts\.global\.api\.aws$/,
        'an issuer looks like https://ID.tokens.sts.global.api.aws (aws iam get-outbound-web-identity-federation-info)',
      ),
  ),
  ACCESS_ORGANIZATION: z
    .string()
    .regex(/^o-[a-z0-9]{10,32}$/, 'an organization looks like o-abc1234567')
    .optional(),
  AWS_REGION: z.string().optional(),
  AWS_LAMBDA_FUNCTION_NAME: z.string().optional(),
})

export interface AccessSettings {
  readonly mode: 'iam' | 'bearer' | 'open'
  readonly audience: string
  readonly accounts: readonly string[]
  readonly principals: readonly string[]
  /** Regions whose STS may be asked about tokens. */
  readonly regions: readonly string[]
  readonly issuers: readonly string[]
  readonly organization?: string
}

/** @throws GatewayError `misconfigured`, naming the variable. */
export function toAccessSettings(environment: Readonly<Record<string, string | undefined>>): AccessSettings {
  // An empty variable is how deployment tools say "not set".
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const parsed = EnvironmentSchema.safeParse(given)
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${String(issue.path[0])}: ${issue.message}`)
    throw new GatewayError(
      'misconfigured',
      `The gateway's access settings are wrong. ${problems.join('; ')}.`,
    )
  }
  const values = parsed.data
  if (values.ACCESS_MODE === 'open' && values.AWS_LAMBDA_FUNCTION_NAME !== undefined) {
    throw new GatewayError(
      'misconfigured',
      'ACCESS_MODE: open is for a laptop and never deployed. Use iam or bearer.',
    )
  }
  const anywhere = values.ACCESS_PRINCIPALS.find((principal) => !namesAccount(principal))
  if (anywhere !== undefined && values.ACCESS_ISSUERS.length === 0) {
    throw new GatewayError(
      'misconfigured',
      `ACCESS_PRINCIPALS: ${anywhere} names no account, so it would admit roles of that name from every account of AWS. Write the account's twelve digits, once for each account.`,
    )
  }
  const ownRegion = values.AWS_REGION === undefined ? [] : [values.AWS_REGION]
  return {
    mode: values.ACCESS_MODE,
    audience: values.ACCESS_AUDIENCE,
    accounts: values.ACCESS_ACCOUNTS,
    principals: values.ACCESS_PRINCIPALS,
    regions: values.ACCESS_REGIONS.length > 0 ? values.ACCESS_REGIONS : ownRegion,
    issuers: values.ACCESS_ISSUERS,
    organization: values.ACCESS_ORGANIZATION,
  }
}
