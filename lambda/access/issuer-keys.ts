import { createPublicKey, type KeyObject } from 'node:crypto'
import * as z from 'zod'
import { GatewayError } from '../errors.ts'
import type { Log } from '../log.ts'
import { fetchJson, type JsonRequest } from './fetch-json.ts'

/** Keys are read again after this time, so that a withdrawn one stops being trusted. */
const FRESH_MILLISECONDS = 60 * 60_000
/** While the issuer cannot be reached, keys that were good go on being trusted for this long. */
const STALE_MILLISECONDS = 24 * 60 * 60_000
/** A token with an unknown key id asks the issuer at most this often: anybody can invent key ids. */
const REFETCH_MILLISECONDS = 60_000

const TIMEOUT_MILLISECONDS = 2000
const MAXIMUM_BYTES = 256 * 1024

/** The parts of a JSON Web Key that a public key is made of. Real AWS key sets may omit `alg` and `use`. */
const WebKeySchema = z.object({
  kid: z.string(),
  kty: z.enum(['RSA', 'EC']),
  use: z.string().optional(),
  n: z.string().optional(),
  e: z.string().optional(),
  crv: z.string().optional(),
  x: z.string().optional(),
  y: z.string().optional(),
})

const KeySetSchema = z.object({ keys: z.array(z.unknown()).max(100) })

/** The verification key of an issuer with this id; nothing when the issuer has none of that id. */
export type IssuerKeys = (issuer: string, keyId: string) => Promise<KeyObject | undefined>

export interface IssuerKeysOptions {
  readonly now: () => number
  readonly log?: Log
  readonly endpoint?: JsonRequest['endpoint']
}

interface KeySet {
  readonly keys: ReadonlyMap<string, KeyObject>
  readonly readAt: number
}

/**
 * Reads and remembers the key sets of issuers. Callers must have checked the issuer against their list: this goes
 * to `<issuer>/.well-known/jwks.json` (where AWS puts it, IAM API reference of
 * EnableOutboundWebIdentityFederation, 2026-11) and nowhere else.
 */
export function createIssuerKeys(options: IssuerKeysOptions): IssuerKeys {
  const known = new Map<string, KeySet>()
  const askedAt = new Map<string, number>()
  const running = new Map<string, Promise<KeySet>>()

  function read(issuer: string): Promise<KeySet> {
    const current = running.get(issuer)
    if (current) return current
    askedAt.set(issuer, options.now())
    const started = readKeySet(issuer, options)
      .then((set) => {
        known.set(issuer, set)
        return set
      })
      .finally(() => running.delete(issuer))
    running.set(issuer, started)
    return started
  }

  return async (issuer, keyId) => {
    const set = known.get(issuer)
    const now = options.now()
    if (!set || now - set.readAt > STALE_MILLISECONDS) return (await read(issuer)).keys.get(keyId)
    const mayAsk = running.has(issuer) || now - (askedAt.get(issuer) ?? 0) >= REFETCH_MILLISECONDS
    const key = set.keys.get(keyId)
    if (!mayAsk || (key && now - set.readAt <= FRESH_MILLISECONDS)) return key
    try {
      return (await read(issuer)).keys.get(keyId)
    } catch (cause) {
      options.log?.warn('The keys of a token issuer could not be renewed; the last good ones are used.', {
        issuer,
        reason: cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause),
      })
      return key
    }
  }
}

async function readKeySet(issuer: string, { now, endpoint }: IssuerKeysOptions): Promise<KeySet> {
  const problem = (cause: unknown) =>
    new GatewayError('upstream', 'The keys that have to confirm your token could not be read. Try again.', {
      cause,
    })
  let body: unknown
  try {
    const response = await fetchJson(new URL(`${issuer}/.well-known/jwks.json`), {
      timeoutMilliseconds: TIMEOUT_MILLISECONDS,
      maximumBytes: MAXIMUM_BYTES,
      endpoint,
    })
    if (response.status !== 200) throw new Error(`the issuer answered ${response.status}`)
    body = response.body
  } catch (cause) {
    throw problem(cause)
  }
  const parsed = KeySetSchema.safeParse(body)
  if (!parsed.success) throw problem(parsed.error)
  const keys = new Map<string, KeyObject>()
  for (const value of parsed.data.keys) {
    const webKey = WebKeySchema.safeParse(value)
    if (!webKey.success || (webKey.data.use ?? 'sig') !== 'sig') continue
    const key = toPublicKey(webKey.data)
    if (key) keys.set(webKey.data.kid, key)
  }
  return { keys, readAt: now() }
}

/** A key that cannot be read verifies nothing; the others of its set still do. */
function toPublicKey(webKey: z.infer<typeof WebKeySchema>): KeyObject | undefined {
  const { kid: _id, use: _use, ...key } = webKey
  try {
    return createPublicKey({ key, format: 'jwk' })
  } catch {
    return undefined
  }
}
