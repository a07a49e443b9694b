import type { Authentication, Dialect } from '../providers/provider.ts'
import type { Quirks } from '../providers/quirks.ts'

/** Everything needed to ask one model of one provider: record, configuration and model entry merged. */
export interface Target {
  /** The configured name: what logs, signatures and `x-messages-lambda-target` show. */
  readonly provider: string
  /** The provider's own name for the model. */
  readonly model: string
  readonly dialect: Dialect
  readonly authentication: Authentication
  /** Base URL, path and query put together. */
  readonly url: string
  /** Key reference (`ProviderKeys.get`). */
  readonly key: string
  /** Sent with every request to this provider. */
  readonly headers: Readonly<Record<string, string>>
  /** Provider options, e.g. `region`. */
  readonly options: Readonly<Record<string, string>>
  readonly quirks: Quirks
  readonly contextWindow?: number
  readonly maxOutputTokens?: number
  readonly minOutputTokens?: number
  /** Defaults put under what the caller sends. */
  readonly parameters: Readonly<Record<string, unknown>>
  readonly timeouts: {
    readonly connectSeconds: number
    readonly firstByteSeconds: number
    readonly idleSeconds: number
    readonly totalSeconds?: number
  }
  readonly retries: { readonly maxRetries: number; readonly maxSeconds: number }
}

/** What a requested name means: the targets to try, in order. */
export interface Route {
  /** The name that the caller sent; every answer echoes it. */
  readonly alias: string
  /** The entry's own name, when the name was found by alias, tier or default. Access rules match this one. */
  readonly entry?: string
  /** First the one to use, then its fallbacks. Never empty. Chosen anew for each turn where weights share load. */
  readonly targets: readonly [Target, ...Target[]]
  /** Used when the request holds images and the first target cannot see. */
  readonly vision?: Target
  readonly imageMode: 'full' | 'latest-only'
}
