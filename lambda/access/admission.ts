import { matchesArn } from './arn-pattern.ts'

/** Who may come in at all, in `bearer` mode. The lists add up: one that admits is enough. */
export interface Admission {
  readonly accounts: readonly string[]
  /** ARN patterns. */
  readonly principals: readonly string[]
  readonly organization?: string
}

/** An identity that AWS has vouched for. */
export interface ProvenIdentity {
  readonly arn: string
  readonly account: string
  /** Only web identity tokens tell it. */
  readonly organization?: string
}

/** Whether there is any list at all. */
export function isRestricted(admission: Admission): boolean {
  return (
    admission.accounts.length > 0 || admission.principals.length > 0 || admission.organization !== undefined
  )
}

export function isAdmitted(identity: ProvenIdentity, admission: Admission): boolean {
  return (
    admission.accounts.includes(identity.account) ||
    (admission.organization !== undefined && identity.organization === admission.organization) ||
    admission.principals.some((pattern) => matchesArn(pattern, identity.arn))
  )
}
