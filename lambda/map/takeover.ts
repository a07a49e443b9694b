import type { z } from 'zod'
import type { ConfigurationSchema } from './configuration.ts'

/** A configuration as a person would write it: without the defaults that the schema fills in. */
export type ConfigurationDraft = z.input<typeof ConfigurationSchema>
export type ProviderDraft = NonNullable<ConfigurationDraft['providers']>[string]
export type ModelDraft = NonNullable<ConfigurationDraft['models']>[string]

/** A choice that was made on the way, said where it was made. */
export interface TakeoverNote {
  readonly path: readonly (string | number)[]
  readonly text: string
}

/** The settings of another gateway, taken over into this one's form. */
export interface Takeover {
  /** Whose settings they were, for people. */
  readonly system: string
  readonly draft: ConfigurationDraft
  readonly notes: readonly TakeoverNote[]
  /** Keys that stood in the file itself, by the variable that the draft refers to. In memory only, never written. */
  readonly variables: Readonly<Record<string, string>>
  /** Where it listened, when that was set: Claude Code's settings on this machine still name that port. */
  readonly port?: number
  /** A variable that let callers in and is no provider's key, although a provider's key may have the same name. */
  readonly callersKey?: string
}

/** All of Claude Code's tiers at once; `fable` and `mythos` are younger than every predecessor: the biggest model. */
export function allTiers(
  big: string,
  middle: string,
  small: string,
): NonNullable<ConfigurationDraft['tiers']> {
  return { haiku: small, sonnet: middle, opus: big, fable: big, mythos: big }
}
