import { GatewayError } from '../errors.ts'
import type { Configuration, ModelEntry } from './configuration.ts'
import type { ModelMap } from './model-map.ts'
import { nearestWord } from './nearest-word.ts'
import { findRecord, ownEntry, providerNameOf, recordOf } from './provider-records.ts'
import type { Route, Target } from './target.ts'
import { splitTarget, type TargetReference } from './target-reference.ts'
import { spellingsOf, tierOf, withoutSuffix } from './tier-of.ts'
import { keyVariables, type Surroundings, type TargetSettings, toTarget } from './to-target.ts'
import { fillWildcard, isWildcard, type WildcardAlias, wildcardAliases } from './wildcard-alias.ts'

export interface ModelMapOptions {
  readonly environment: 'local' | 'aws'
  /** Picks among weighted targets: a number from 0 up to, not including, 1. Default Math.random. */
  readonly random?: () => number
  /** The process's environment, for `AWS_REGION` and, on a laptop, for keys. Default process.env. */
  readonly variables?: Readonly<Record<string, string | undefined>>
  /** Entries that were set aside as broken: `models.glm` or `providers.nvidia` → what is wrong with it. */
  readonly problems?: ReadonlyMap<string, string>
}

/** The model map over one state of the configuration, which it never changes. */
export function createModelMap(configuration: Configuration, options: ModelMapOptions): ModelMap {
  return new ConfiguredModelMap(configuration, options)
}

class ConfiguredModelMap implements ModelMap {
  readonly configuration: Configuration
  readonly aliases: readonly string[]
  readonly #surroundings: Surroundings
  readonly #random: () => number
  readonly #problems: ReadonlyMap<string, string>
  readonly #wildcards: readonly WildcardAlias[]
  readonly #catchAll: readonly WildcardAlias[]
  /** Targets of the configuration, made once; names that callers write out are not kept: they have no bound. */
  readonly #targets = new Map<string, Target>()

  constructor(configuration: Configuration, { environment, random, variables, problems }: ModelMapOptions) {
    this.configuration = configuration
    this.aliases = Object.keys(configuration.models).filter((alias) => !isWildcard(alias))
    const wildcards = wildcardAliases(configuration.models)
    this.#wildcards = wildcards.filter(({ matchesAll }) => !matchesAll)
    this.#catchAll = wildcards.filter(({ matchesAll }) => matchesAll)
    this.#surroundings = { environment, variables: variables ?? process.env }
    this.#random = random ?? Math.random
    this.#problems = problems ?? new Map()
  }

  resolve(name: string, selected?: string, maySee: (alias: string) => boolean = () => true): Route {
    if (selected !== undefined) return this.#selected(name, selected)
    try {
      return (
        this.#askedFor(name) ??
        this.#configured(name, this.#tier(name)) ??
        this.#wildcardRoute(name, this.#catchAll) ??
        this.#configured(name, this.configuration.default_model) ??
        this.#unknown(name, maySee)
      )
    } catch (thrown) {
      // What is wrong with an entry is for those who may use it.
      if (thrown instanceof BrokenEntryError && !maySee(thrown.entry)) return this.#unknown(name, maySee)
      throw thrown
    }
  }

  /** The caller's own words: an alias, a name that a wildcard alias covers, or `provider/model` written out. */
  #askedFor(name: string): Route | undefined {
    const spelling = spellingsOf(name).find((each) => this.#isAlias(each))
    if (spelling !== undefined) return this.#entryRoute(name, spelling)
    const covered = this.#wildcardRoute(name, this.#wildcards)
    if (covered !== undefined) return covered
    const reference = this.#split(withoutSuffix(name))
    return reference && this.#mayBeWrittenOut(reference.provider)
      ? this.#directRoute(name, reference)
      : undefined
  }

  /** What `tiers` or `default_model` say: an alias, or a target of any known provider. */
  #configured(alias: string, name: string | undefined): Route | undefined {
    if (name === undefined) return undefined
    if (this.#isAlias(name)) return this.#entryRoute(alias, name)
    const reference = this.#split(name)
    return reference && this.#isUsable(reference.provider) ? this.#directRoute(alias, reference) : undefined
  }

  #isAlias(name: string): boolean {
    return ownEntry(this.configuration.models, name) !== undefined || this.#problems.has(`models.${name}`)
  }

  #tier(name: string): string | undefined {
    const tier = tierOf(name)
    return tier && this.configuration.tiers[tier]
  }

  /**
   * Configured providers; on a laptop also the demo, servers that need no key, and those whose key lies in the
   * environment. A variable that the configuration gives to a provider is that one's alone: OPENAI_API_KEY beside
   * another server's address is a key for that server, and must not reach OpenAI.
   */
  #mayBeWrittenOut(provider: string): boolean {
    if (ownEntry(this.configuration.providers, provider) !== undefined) return true
    if (this.#problems.has(`providers.${provider}`)) return true
    const record = findRecord(provider)
    if (record === undefined || this.#surroundings.environment !== 'local') return false
    if (record.key === 'none') return true
    const given = new Set(Object.values(this.configuration.providers).map(({ key }) => key))
    return keyVariables(provider, record).some(
      (variable) => this.#surroundings.variables[variable] && !given.has(`env:${variable}`),
    )
  }

  #split(text: string, separator: '/' | ':' = '/'): TargetReference | undefined {
    const reference = splitTarget(text, separator)
    return reference && { ...reference, provider: providerNameOf(reference.provider, this.configuration) }
  }

  #isUsable(provider: string): boolean {
    return (
      recordOf(provider, ownEntry(this.configuration.providers, provider)) !== undefined ||
      this.#mayBeWrittenOut(provider)
    )
  }

  #selected(alias: string, selected: string): Route {
    const reference = this.#split(selected, ':')
    if (reference === undefined) {
      throw new GatewayError('not_found', 'The URL chooses a model as /{provider}:{model}; both are needed.')
    }
    if (!this.#mayBeWrittenOut(reference.provider)) {
      const { providers, callers } = this.configuration
      // Where rules say who may use what, a list of everything is not for everybody.
      const all = callers === undefined ? ` Configured: ${Object.keys(providers).join(', ') || 'none'}.` : ''
      throw new GatewayError(
        'not_found',
        `The provider "${reference.provider.slice(0, 100)}" that the URL chooses is not configured here.${all}`,
      )
    }
    return this.#directRoute(alias, reference)
  }

  /** Access rules match `provider/model` here, so that writing a target out never goes around them. */
  #directRoute(alias: string, reference: TargetReference): Route {
    const entry = `${reference.provider}/${reference.model}`
    return { alias, entry, targets: [this.#target(entry, this.#describing(entry))], imageMode: 'full' }
  }

  #entryRoute(alias: string, name: string): Route {
    const problem = this.#problems.get(`models.${name}`)
    const entry = ownEntry(this.configuration.models, name)
    if (problem !== undefined || entry === undefined) {
      throw new BrokenEntryError(name, problem ?? 'it is gone')
    }
    return this.#routeOf(alias, name, entry, (text, settings) => this.#kept(name, text, settings))
  }

  /** Access rules match the name as it was asked for: `gpt-*` allows all of them, `gpt-5` one. */
  #wildcardRoute(name: string, aliases: readonly WildcardAlias[]): Route | undefined {
    const plain = withoutSuffix(name)
    const entry = plain === '' ? undefined : fillWildcard(aliases, plain)
    return entry && this.#routeOf(name, plain, entry, (text, settings) => this.#target(text, settings))
  }

  #routeOf(
    alias: string,
    name: string,
    entry: ModelEntry,
    make: (target: string, settings: TargetSettings) => Target,
  ): Route {
    const [first, ...others] = this.#inTurn(entry)
    if (first === undefined)
      throw new GatewayError('misconfigured', `The entry of the model "${name}" names no target.`)
    const spare = (target: string, settings: TargetSettings) => withoutBroken(() => make(target, settings))
    const related = (target: string) => spare(target, this.#relatedSettings(target, entry))
    return {
      alias,
      entry: name,
      targets: [
        make(first, toSettings(entry)),
        ...others.flatMap((target) => spare(target, toSettings(entry))),
        ...(entry.fallbacks ?? []).flatMap(related),
      ],
      vision: entry.vision === undefined ? undefined : related(entry.vision)[0],
      imageMode: entry.image_mode ?? 'full',
    }
  }

  /** The entry's targets: one drawn by weight, the others behind it, so that they stand in for each other. */
  #inTurn(entry: ModelEntry): string[] {
    if (entry.targets === undefined) return entry.target === undefined ? [] : [entry.target]
    const chosen = draw(entry.targets, this.#random())
    const others = entry.targets
      .filter((each) => each !== chosen)
      .sort((left, right) => right.weight - left.weight)
    return [chosen, ...others].flatMap((each) => each?.target ?? [])
  }

  #kept(alias: string, text: string, settings: TargetSettings): Target {
    const name = `${alias} ${text}`
    const target = this.#targets.get(name) ?? this.#target(text, settings)
    this.#targets.set(name, target)
    return target
  }

  #target(text: string, settings: TargetSettings): Target {
    const reference = this.#split(text)
    if (reference === undefined) throw new GatewayError('misconfigured', 'A target is PROVIDER/MODEL.')
    const problem = this.#problems.get(`providers.${reference.provider}`)
    if (problem !== undefined) {
      throw new GatewayError(
        'misconfigured',
        `The entry of the provider "${reference.provider}" is broken: ${problem}. The operator mends it with messages-lambda config push.`,
      )
    }
    return toTarget(reference, settings, this.configuration, this.#surroundings)
  }

  /** What an alias's fallback or vision model gets: its own quirks and limits where they are known, else the alias's. */
  #relatedSettings(target: string, { parameters, timeouts, retries, ...entry }: ModelEntry): TargetSettings {
    const limits = { maxOutputTokens: entry.max_output_tokens, minOutputTokens: entry.min_output_tokens }
    return { ...limits, ...this.#describing(target), parameters, timeouts, retries }
  }

  /** Limits and quirks of a target that some entry describes; a target written out is the same model. */
  #describing(target: string): TargetSettings {
    const entry = Object.values(this.configuration.models).find((each) => each.target === target)
    return entry === undefined ? {} : toSettings(entry)
  }

  #unknown(name: string, maySee: (alias: string) => boolean): never {
    const shown = name.slice(0, 200)
    throw new GatewayError(
      'not_found',
      `model: ${shown}. ${this.#advice(shown, this.aliases.filter(maySee))}`,
    )
  }

  #advice(name: string, aliases: readonly string[]): string {
    if (this.aliases.length === 0)
      return 'No model is set up yet: the operator adds one with messages-lambda models set, or in gateway.yaml.'
    if (aliases.length === 0)
      return 'No rule lets you use any model here. Ask the people who run this gateway.'
    const nearest = nearestWord(name, aliases)
    const some = aliases.slice(0, 10).join(', ')
    const more = aliases.length > 10 ? ', …' : ''
    return `${nearest === undefined ? '' : `Did you mean "${nearest}"? `}Models here: ${some}${more}. GET /v1/models lists those that you may use.`
  }
}

class BrokenEntryError extends GatewayError {
  readonly entry: string

  constructor(entry: string, problem: string) {
    super(
      'misconfigured',
      `The entry of the model "${entry}" is broken: ${problem}. The operator mends it: messages-lambda models set ${entry}.`,
    )
    this.entry = entry
  }
}

function toSettings(entry: ModelEntry): TargetSettings {
  return {
    quirks: entry.quirks,
    parameters: entry.parameters,
    timeouts: entry.timeouts,
    retries: entry.retries,
    contextWindow: entry.context_window,
    maxOutputTokens: entry.max_output_tokens,
    minOutputTokens: entry.min_output_tokens,
  }
}

/** A fallback whose provider is broken must not take its model down: it is left out, and the load has logged it. */
function withoutBroken(make: () => Target): Target[] {
  try {
    return [make()]
  } catch (thrown) {
    if (thrown instanceof GatewayError && thrown.kind === 'misconfigured') return []
    throw thrown
  }
}

/** Whose share of the weights a number between 0 and 1 falls into. */
function draw<Weighted extends { readonly weight: number }>(
  all: readonly Weighted[],
  share: number,
): Weighted | undefined {
  let left = share * all.reduce((sum, { weight }) => sum + weight, 0)
  for (const each of all) {
    left -= each.weight
    if (left < 0) return each
  }
  return all.at(-1)
}
