import type { Caller } from './caller.ts'
import { type CallerKey, callerKeyName, isCallerKey, type KeyRecord } from './caller-key.ts'
import { refusal } from './refusal.ts'

/** Compared with when no key of that name exists, so that both kinds of wrong key take the same way. */
const NO_KEY: CallerKey = { salt: '0'.repeat(32), hash: '0'.repeat(64), created_at: '1970-01-01T00:00:00Z' }

/** @throws GatewayError `authentication`. */
export type VerifyKey = (key: string) => Promise<Caller>

/** @param keyRecords the keys that are valid now; asked on every request, so it must answer from memory. */
export function createKeyVerifier(keyRecords: () => Promise<readonly KeyRecord[]>): VerifyKey {
  return async (key) => {
    const name = callerKeyName(key)
    if (name === undefined) throw refusal('This is not an API key of this gateway: it is cut off or changed.')
    const records = await keyRecords()
    if (!isCallerKey(key, records.find((record) => record.name === name) ?? NO_KEY)) {
      throw refusal(
        'This API key is not valid here (any more). Ask the people who run this gateway for a new one.',
      )
    }
    return { id: `key:${name}`, kind: 'key' }
  }
}
