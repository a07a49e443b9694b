import type { Target } from '../../lambda/map/target.ts'
import { type PartialQuirks, STANDARD } from '../../lambda/providers/quirks.ts'

/** A target for conversions: provider `acme`, model `acme-1`, STANDARD but for the given quirks. */
export function testTarget(quirks: PartialQuirks = {}, changes: Partial<Target> = {}): Target {
  return {
    provider: 'acme',
    model: 'acme-1',
    dialect: 'chat',
    authentication: 'bearer',
    url: 'http://127.0.0.1:9/v1/chat/completions',
    key: 'none',
    headers: {},
    options: {},
    quirks: { ...STANDARD, ...quirks },
    parameters: {},
    timeouts: { connectSeconds: 1, firstByteSeconds: 1, idleSeconds: 1 },
    retries: { maxRetries: 0, maxSeconds: 1 },
    ...changes,
  }
}
