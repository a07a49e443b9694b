import type { Target } from '../map/target.ts'

/** Failed tries in a row after which a target rests. */
const FAILURES_BEFORE_REST = 3
const FIRST_REST_MILLISECONDS = 15_000
const LONGEST_REST_MILLISECONDS = 300_000
/** More provider and model pairs than a configuration holds; the bound is for names that callers write out. */
const MOST_ENTRIES = 500

interface Health {
  failures: number
  restUntil: number
  rests: number
  /** Half-open: one turn tries, the others still pass by. */
  probing: boolean
}

/**
 * Which targets keep failing, as this process has seen it. A target that failed several times in a row rests; then one
 * turn may try it, and its success or failure decides. Nothing is shared between processes and nothing is stored.
 */
export class TargetHealth {
  readonly #entries = new Map<string, Health>()
  readonly #now: () => number

  /** `now` in milliseconds, monotonic. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Whether a turn should pass it by. */
  rests(target: Target): boolean {
    const health = this.#entries.get(keyOf(target))
    return health !== undefined && (health.probing || this.#now() < health.restUntil)
  }

  /** A try begins. The first one after a rest is the probe: until its verdict the others still pass by. */
  begins(target: Target): void {
    const health = this.#entries.get(keyOf(target))
    if (health !== undefined && health.rests > 0 && this.#now() >= health.restUntil) health.probing = true
  }

  succeeded(target: Target): void {
    this.#entries.delete(keyOf(target))
  }

  /** `atLeastSeconds`: the provider's own `retry-after`. */
  failed(target: Target, atLeastSeconds = 0): void {
    const key = keyOf(target)
    const health = this.#entries.get(key) ?? { failures: 0, restUntil: 0, rests: 0, probing: false }
    health.failures += 1
    if (health.probing || health.failures >= FAILURES_BEFORE_REST) {
      const rest = Math.min(FIRST_REST_MILLISECONDS * 2 ** health.rests, LONGEST_REST_MILLISECONDS)
      const asked = Math.min(atLeastSeconds * 1000, LONGEST_REST_MILLISECONDS)
      health.restUntil = this.#now() + Math.max(rest, asked)
      health.rests += 1
      health.failures = 0
      health.probing = false
    }
    this.#entries.delete(key)
    this.#entries.set(key, health)
    this.#forgetOldest()
  }

  /** The turn that tried it ended without a verdict: the caller left, or its own request was wrong. */
  undecided(target: Target): void {
    const health = this.#entries.get(keyOf(target))
    if (health) health.probing = false
  }

  #forgetOldest(): void {
    if (this.#entries.size <= MOST_ENTRIES) return
    const [oldest] = this.#entries.keys()
    if (oldest !== undefined) this.#entries.delete(oldest)
  }
}

function keyOf({ provider, model }: Target): string {
  return `${provider}/${model}`
}
