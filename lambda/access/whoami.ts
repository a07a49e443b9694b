import type { Caller } from './caller.ts'

/** The body of `GET /v1/whoami`: who the gateway thinks the caller is. Absent facts are null. */
export function toWhoami(caller: Caller) {
  return {
    type: 'caller' as const,
    id: caller.id,
    kind: caller.kind,
    account: caller.account ?? null,
    arn: caller.arn ?? null,
  }
}
