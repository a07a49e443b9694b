import { GatewayError } from '../errors.ts'
import type { CallerRule, Configuration } from '../map/configuration.ts'
import { isArnPattern, matchesArn } from './arn-pattern.ts'
import type { Caller } from './caller.ts'
import { matchesWildcard } from './wildcard.ts'

/**
 * Whether a caller may use an alias. No rules: everybody who got in may use everything. With rules, every rule that
 * matches the caller adds its models, and a caller whom no rule matches may use nothing.
 */
export function mayUse(caller: Caller, alias: string, rules: readonly CallerRule[] | undefined): boolean {
  if (rules === undefined) return true
  return rules.some(
    (rule) =>
      matchesCaller(rule.match, caller) && rule.models.some((pattern) => matchesWildcard(pattern, alias)),
  )
}

/** @throws GatewayError `permission`, saying who the caller is and whom to ask. */
export function requirePermission(
  caller: Caller,
  alias: string,
  configuration: Pick<Configuration, 'callers' | 'settings'>,
): void {
  if (mayUse(caller, alias, configuration.callers)) return
  const contact = configuration.settings.contact ?? 'the people who run this gateway'
  throw new GatewayError(
    'permission',
    `You are ${caller.id}, and no rule lets you use the model "${alias.slice(0, 200)}". Ask ${contact}. GET /v1/models lists what you may use.`,
  )
}

/** `*` · a twelve-digit account · an ARN pattern · or the caller's own id, such as `key:NAME` and `local`. */
function matchesCaller(match: string, caller: Caller): boolean {
  if (match === '*') return true
  if (/^\d{12}$/.test(match)) return caller.account === match
  if (isArnPattern(match)) return caller.arn !== undefined && matchesArn(match, caller.arn)
  if (caller.kind === 'key' || caller.kind === 'local') return matchesWildcard(match, caller.id)
  return match === caller.id
}
