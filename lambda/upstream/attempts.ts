import { setTimeout as sleepFor } from 'node:timers/promises'
import { GatewayError, UpstreamError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Target } from '../map/target.ts'
import { AnsweredError } from './answered-error.ts'
import type { OpenedAnswer } from './exchange.ts'
import { TargetHealth } from './target-health.ts'

const FIRST_DELAY_MILLISECONDS = 500
const LONGEST_DELAY_MILLISECONDS = 8_000
/** With another target at hand nobody waits longer than this for the one that failed. */
const PATIENCE_WITH_FALLBACK_MILLISECONDS = 3_000
/** Claude Code waits 300 s for the first byte (2.1, 2026-11): all tries together stay below it. */
const CALLER_PATIENCE_MILLISECONDS = 280_000
/** Less than this is no time for a try. */
const SHORTEST_TRY_MILLISECONDS = 1_000

export interface AttemptsOptions {
  readonly signal: AbortSignal
  readonly log: Log
  /** Until the carrier stops us. Absent: no limit. */
  readonly remainingMilliseconds?: () => number
  /** Default: what this process has seen so far. */
  readonly health?: TargetHealth
  /** Milliseconds, monotonic. */
  readonly now?: () => number
  /** From 0 to 1. */
  readonly random?: () => number
  readonly sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>
}

const PROCESS_HEALTH = new TargetHealth()

/**
 * The first answer that opens: each target is tried again on errors that may pass, then the next one on errors that
 * another provider can cure. Once an answer was opened it is final, whatever becomes of its stream.
 * @throws the error that says most, when no target answers; the signal's reason, at once, when it is aborted.
 */
export async function firstAnswer(
  targets: readonly [Target, ...Target[]],
  attemptOne: (target: Target) => Promise<OpenedAnswer>,
  options: AttemptsOptions,
): Promise<OpenedAnswer> {
  const { log, health = PROCESS_HEALTH } = options
  const run = new Run(attemptOne, options)
  const awake = targets.length > 1 ? targets.filter((target) => !health.rests(target)) : targets
  // When all of them rest, a failing provider is still better than none.
  const candidates = awake.length > 0 ? awake : targets
  for (const target of targets) {
    if (!candidates.includes(target)) log.info('target passed by: it kept failing', describe(target))
  }
  let telling: unknown
  for (const [index, target] of candidates.entries()) {
    const outcome = await run.tryTarget(target, index + 1 < candidates.length)
    if ('answer' in outcome) return outcome.answer
    telling = moreTelling(telling, outcome.error)
    if (!isCurable(outcome.error) || run.isOutOfTime()) break
  }
  if (telling instanceof AnsweredError) return telling.answer
  throw telling
}

/** One call of `firstAnswer`: its clock and its budget. */
class Run {
  readonly #attemptOne: (target: Target) => Promise<OpenedAnswer>
  readonly #signal: AbortSignal
  readonly #log: Log
  readonly #remaining: () => number
  readonly #health: TargetHealth
  readonly #now: () => number
  readonly #random: () => number
  readonly #sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>
  readonly #started: number
  #tries = 0

  constructor(attemptOne: (target: Target) => Promise<OpenedAnswer>, options: AttemptsOptions) {
    this.#attemptOne = attemptOne
    this.#signal = options.signal
    this.#log = options.log
    this.#remaining = options.remainingMilliseconds ?? (() => Number.POSITIVE_INFINITY)
    this.#health = options.health ?? PROCESS_HEALTH
    this.#now = options.now ?? (() => performance.now())
    this.#random = options.random ?? Math.random
    this.#sleep = options.sleep ?? ((milliseconds, signal) => sleepFor(milliseconds, undefined, { signal }))
    this.#started = this.#now()
  }

  async tryTarget(
    target: Target,
    hasNext: boolean,
  ): Promise<{ readonly answer: OpenedAnswer } | { readonly error: unknown }> {
    for (let retries = 0; ; retries += 1) {
      this.#signal.throwIfAborted()
      this.#tries += 1
      this.#health.begins(target)
      try {
        const answer = await this.#attemptOne(this.#withinPatience(target))
        this.#health.succeeded(target)
        return { answer }
      } catch (error) {
        this.#note(target, error)
        this.#signal.throwIfAborted()
        const delay = this.#delayBeforeRetry(target, error, retries, hasNext)
        this.#report(target, error, delay, hasNext)
        if (delay === undefined) return { error }
        await this.#wait(delay)
      }
    }
  }

  isOutOfTime(): boolean {
    const left = Math.min(this.#remaining(), CALLER_PATIENCE_MILLISECONDS - this.#elapsed())
    return left < SHORTEST_TRY_MILLISECONDS
  }

  /** undefined: no retry at this target. */
  #delayBeforeRetry(target: Target, error: unknown, retries: number, hasNext: boolean): number | undefined {
    if (!(error instanceof UpstreamError) || !error.retryable || retries >= target.retries.maxRetries)
      return undefined
    const growing = Math.min(FIRST_DELAY_MILLISECONDS * 2 ** retries, LONGEST_DELAY_MILLISECONDS)
    const asked = (error.retryAfterSeconds ?? 0) * 1000
    // Up to a quarter more, so that many turns that failed together do not come back together.
    const delay = Math.max(growing, asked) * (1 + this.#random() / 4)
    if (hasNext && delay > PATIENCE_WITH_FALLBACK_MILLISECONDS) return undefined
    if (this.#elapsed() + delay > target.retries.maxSeconds * 1000) return undefined
    if (delay + SHORTEST_TRY_MILLISECONDS > this.#remaining()) return undefined
    return delay
  }

  /** A later try has only what the earlier ones left of the caller's patience. */
  #withinPatience(target: Target): Target {
    if (this.#tries === 1) return target
    const left = (CALLER_PATIENCE_MILLISECONDS - this.#elapsed()) / 1000
    if (target.timeouts.firstByteSeconds <= left) return target
    return { ...target, timeouts: { ...target.timeouts, firstByteSeconds: Math.max(left, 1) } }
  }

  #note(target: Target, error: unknown): void {
    // What is retryable says that the target is down or full; the rest is about this one request.
    const outage = error instanceof UpstreamError && error.retryable && !this.#signal.aborted
    if (outage) this.#health.failed(target, error.retryAfterSeconds)
    else this.#health.undecided(target)
  }

  #report(target: Target, error: unknown, delay: number | undefined, hasNext: boolean): void {
    const next = delay !== undefined ? 'retry' : hasNext && isCurable(error) ? 'next target' : 'give up'
    this.#log.warn('try failed', {
      ...describe(target),
      try: this.#tries,
      error: error instanceof GatewayError ? error.kind : 'internal',
      // A provider's own words may quote the prompt: they go to the caller, never into the log.
      reason: error instanceof GatewayError && !(error instanceof UpstreamError) ? error.message : undefined,
      upstream_status: error instanceof UpstreamError ? error.upstreamStatus : undefined,
      next,
      delay_ms: delay === undefined ? undefined : Math.round(delay),
    })
  }

  async #wait(milliseconds: number): Promise<void> {
    try {
      await this.#sleep(milliseconds, this.#signal)
    } catch (thrown) {
      // An aborted sleep speaks of itself; the reason says why.
      this.#signal.throwIfAborted()
      throw thrown
    }
  }

  #elapsed(): number {
    return this.#now() - this.#started
  }
}

function describe({ provider, model }: Target) {
  return { provider, model }
}

/** Another provider may answer: everything but the caller's own mistakes and our own defects. */
function isCurable(error: unknown): boolean {
  if (error instanceof UpstreamError) return error.curable
  // A target without a key, or with a broken entry, is the operator's to mend; meanwhile the next one serves.
  return error instanceof GatewayError && error.kind === 'misconfigured'
}

/** When all fail: an error that may pass tells the client to come back, which the others do not; else the last one. */
function moreTelling(before: unknown, now: unknown): unknown {
  const mayPass = (error: unknown) => error instanceof UpstreamError && error.retryable
  return mayPass(before) && !mayPass(now) ? before : now
}
