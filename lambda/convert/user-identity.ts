import { isRecord, readText } from './block-fields.ts'
import { stableHash } from './stable-hash.ts'

/** Who and which session, short enough for OpenAI's `user` (64 characters). */
export interface UserIdentity {
  readonly user: string
  readonly session: string
}

/**
 * `metadata.user_id` of Claude Code is a JSON text of 150 to 170 characters with a device, an account and a session
 * (Claude Code 2.1.329, 2026-11). The session makes the cache key; device and account make the user. Any other text
 * is both.
 */
export function toUserIdentity(userId: string | null | undefined): UserIdentity | undefined {
  if (!userId) return undefined
  const parsed = parseRecord(userId)
  const session = parsed && readText(parsed, 'session_id')
  const person =
    parsed && [readText(parsed, 'account_uuid') ?? '', readText(parsed, 'device_id') ?? ''].join('/')
  return {
    user: stableHash(person !== undefined && person.length > 1 ? person : userId, 32),
    session: stableHash(session || userId, 32),
  }
}

function parseRecord(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    // Not JSON: then the text as a whole is the id.
    return undefined
  }
}
