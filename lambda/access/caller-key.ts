import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import * as z from 'zod'

/**
 * API keys that the operator issues: `mlk_<name>_<43 characters>`. The random part is 256 bits of the system's
 * generator, so there is nothing to guess or to look up, and one HMAC with a salt is as safe as a slow password hash
 * (scrypt, Argon2), which would cost tens of milliseconds on every request and make every wrong key an expensive one.
 */

export const CALLER_KEY_PREFIX = 'mlk_'

const NAME = /^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$/
const KEY = /^mlk_([A-Za-z0-9][A-Za-z0-9.-]{0,62})_[A-Za-z0-9_-]{43}$/

export const CallerKeyNameSchema = z
  .string()
  .regex(NAME, 'a key name is 1 to 63 letters, digits, dots and hyphens, and begins with a letter or digit')

/** What the table stores under kind `caller` for a key: nothing from which the key could be made again. */
export const CallerKeySchema = z.strictObject({
  salt: z.string().regex(/^[0-9a-f]{32}$/),
  /** HMAC-SHA-256 of the whole key under the salt. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  created_at: z.iso.datetime(),
})

export type CallerKey = z.infer<typeof CallerKeySchema>

/** A stored key with the name it is stored under. */
export interface KeyRecord extends CallerKey {
  readonly name: string
}

/** A new key, to be shown once, and what to store of it. */
export function issueCallerKey(
  name: string,
  now: Date,
): { readonly key: string; readonly record: KeyRecord } {
  const key = `${CALLER_KEY_PREFIX}${CallerKeyNameSchema.parse(name)}_${randomBytes(32).toString('base64url')}`
  const salt = randomBytes(16).toString('hex')
  return { key, record: { name, salt, hash: keyHash(key, salt), created_at: now.toISOString() } }
}

/** The name inside a key, or nothing when the text is not shaped like a key. */
export function callerKeyName(key: string): string | undefined {
  return KEY.exec(key)?.[1]
}

/** Whether a key is the one that the record was made for, in constant time. */
export function isCallerKey(key: string, record: CallerKey): boolean {
  return timingSafeEqual(Buffer.from(keyHash(key, record.salt), 'hex'), Buffer.from(record.hash, 'hex'))
}

function keyHash(key: string, salt: string): string {
  return createHmac('sha256', salt).update(key).digest('hex')
}
