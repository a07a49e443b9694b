import { AccountPrincipal, ArnPrincipal, type IPrincipal, OrganizationPrincipal } from 'aws-cdk-lib/aws-iam'
import { type FunctionUrl, FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda'
import { toAccessSettings } from '../lambda/access/access-settings.ts'
import type { StackSettings } from './stack-settings.ts'

/** What differs between the two ways of access, for the function URL and for the function. */

export function toAuthType(settings: StackSettings): FunctionUrlAuthType {
  return settings.access === 'iam' ? FunctionUrlAuthType.AWS_IAM : FunctionUrlAuthType.NONE
}

/**
 * Lets the callers of `iam` mode in. A URL needs two permissions since October 2025, `lambda:InvokeFunctionUrl` and
 * `lambda:InvokeFunction`; `grantInvokeUrl` writes both. In `bearer` mode the URL is public, CDK writes both
 * permissions for everybody, and the function checks the caller before anything else.
 */
export function grantAccess(url: FunctionUrl, settings: StackSettings): void {
  if (settings.access !== 'iam') return
  for (const principal of toPrincipals(settings)) url.grantInvokeUrl(principal)
}

function toPrincipals(settings: StackSettings): IPrincipal[] {
  return [
    ...(settings.organization === undefined ? [] : [new OrganizationPrincipal(settings.organization)]),
    ...settings.accounts.map((account) => new AccountPrincipal(account)),
    ...settings.principals.map((arn) => new ArnPrincipal(arn)),
  ]
}

/**
 * What the function reads at start. The function's own reader looks at it now, so that a value it would refuse fails
 * here and not at the first request.
 * @throws GatewayError that names the variable.
 */
export function toAccessEnvironment(settings: StackSettings): Record<string, string> {
  const environment = {
    ACCESS_MODE: settings.access,
    ...(settings.access === 'bearer' ? toBearerEnvironment(settings) : {}),
  }
  toAccessSettings(environment)
  return environment
}

/** A name with nothing to say is left out. Without regions the function asks the STS of its own. */
function toBearerEnvironment(settings: StackSettings): Record<string, string> {
  const values: Record<string, string> = {
    ACCESS_AUDIENCE: settings.audience,
    ACCESS_ACCOUNTS: settings.accounts.join(','),
    ACCESS_PRINCIPALS: settings.principals.join(','),
    ACCESS_REGIONS: settings.regions.join(','),
    ACCESS_ISSUERS: settings.issuers.join(','),
    ACCESS_ORGANIZATION: settings.organization ?? '',
  }
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''))
}
