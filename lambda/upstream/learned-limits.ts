import type { AcceptedLimit } from '../convert/refused-output-limit.ts'
import type { Target } from '../map/target.ts'
import { TargetMemory } from './target-memory.ts'

type Limits = AcceptedLimit['learned']

/** Limits of models that nobody had configured and that a provider's refusal told, for the life of the process. */
export class LearnedLimits {
  readonly #limits = new TargetMemory<Limits>()

  /** The target with what was learned about it: never more than its own limits. */
  applied(target: Target): Target {
    const { maxOutputTokens, contextWindow } = this.#limits.get(target) ?? {}
    if (maxOutputTokens === undefined && contextWindow === undefined) return target
    return withinLimits(target, { maxOutputTokens, contextWindow })
  }

  /** Returns whether any of it is news. */
  learn(target: Target, limits: Limits): boolean {
    const known = this.#limits.get(target) ?? {}
    const fresh = (['maxOutputTokens', 'contextWindow'] as const).some(
      (name) => limits[name] !== undefined && limits[name] !== known[name],
    )
    if (fresh) this.#limits.set(target, { ...known, ...limits })
    return fresh
  }
}

export function withinLimits(target: Target, { maxOutputTokens, contextWindow }: Limits): Target {
  return {
    ...target,
    ...least('maxOutputTokens', target.maxOutputTokens, maxOutputTokens),
    ...least('contextWindow', target.contextWindow, contextWindow),
  }
}

function least(name: keyof Limits, ...limits: readonly (number | undefined)[]): Limits {
  const known = limits.filter((limit) => limit !== undefined)
  return known.length === 0 ? {} : { [name]: Math.min(...known) }
}

/** What to write into the configuration, for the log. */
export function toLimitsHint({ provider, model }: Target, limits: Limits): string {
  const fields = [
    ...(limits.maxOutputTokens === undefined ? [] : [`max_output_tokens: ${limits.maxOutputTokens}`]),
    ...(limits.contextWindow === undefined ? [] : [`context_window: ${limits.contextWindow}`]),
  ]
  return `models: { NAME: { target: ${provider}/${model}, ${fields.join(', ')} } }`
}
