import { matchesWildcard } from './wildcard.ts'

/** `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`; the resource of an IAM identity holds no colon. */
const ARN_PARTS = 6

export function isArnPattern(pattern: string): boolean {
  return pattern.startsWith('arn:') && pattern.split(':').length === ARN_PARTS
}

/**
 * Whether a pattern names one account. `*` in its place is every account of AWS, not only those of one's own
 * organisation: anybody can make a role of any name in an account of theirs.
 */
export function namesAccount(pattern: string): boolean {
  return /^\d{12}$/.test(pattern.split(':')[4] ?? '')
}

/**
 * Whether an identity's ARN fits a pattern with `*`. The parts between colons are compared one by one, and of an
 * assumed role also the role and the session: callers choose their own session name, so `assumed-role/*-admin`
 * must never be met by somebody else's role with a session called `x-admin`.
 *
 * A caller who assumed a role also fits that role's own ARN (`arn:aws:iam::ACCOUNT:role/NAME`), which is what
 * operators have at hand.
 */
export function matchesArn(pattern: string, arn: string): boolean {
  const wanted = pattern.split(':')
  const actual = arn.split(':')
  if (wanted.length !== ARN_PARTS || actual.length !== ARN_PARTS) return false
  if (partsMatch(wanted, actual)) return true
  const role = roleOfAssumed(actual)
  return role !== undefined && partsMatch(withoutRolePath(wanted), role)
}

function partsMatch(wanted: readonly string[], actual: readonly string[]): boolean {
  return wanted.every((pattern, index) => {
    const part = actual[index] ?? ''
    return index === ARN_PARTS - 1 ? resourceMatches(pattern, part) : matchesWildcard(pattern, part)
  })
}

function resourceMatches(pattern: string, resource: string): boolean {
  if (!resource.startsWith('assumed-role/') || !pattern.includes('/'))
    return matchesWildcard(pattern, resource)
  const wanted = pattern.split('/')
  const actual = resource.split('/')
  return (
    wanted.length === actual.length &&
    wanted.every((part, index) => matchesWildcard(part, actual[index] ?? ''))
  )
}

/** The parts of the ARN of the role behind an assumed-role identity. STS does not tell the role's path. */
function roleOfAssumed(parts: readonly string[]): string[] | undefined {
  const [arn = '', partition = '', , region = '', account = '', resource = ''] = parts
  const role = /^assumed-role\/([^/]+)\/[^/]+$/.exec(resource)?.[1]
  return role === undefined ? undefined : [arn, partition, 'iam', region, account, `role/${role}`]
}

/**
 * A role's name is unique in its account whatever its path, so a literal name may lose its path. A pattern may not:
 * `role/team/*` would become `role/*`. The one exception: names that begin with `AWSReservedSSO_` belong to
 * IAM Identity Center alone.
 */
function withoutRolePath(parts: readonly string[]): string[] {
  const resource = parts[ARN_PARTS - 1] ?? ''
  const name = resource.slice(resource.lastIndexOf('/') + 1)
  const safe = resource.startsWith('role/') && (!name.includes('*') || name.startsWith('AWSReservedSSO_'))
  return safe ? [...parts.slice(0, ARN_PARTS - 1), `role/${name}`] : [...parts]
}
