import type { ModelEntry } from './configuration.ts'

/** An alias with `*` in it, such as `gpt-*`, that stands for every name of that form. */
export interface WildcardAlias {
  readonly entry: ModelEntry
  readonly pattern: RegExp
  /** `*` alone: it comes after the tiers, like a default. */
  readonly matchesAll: boolean
}

/** The configuration's wildcard aliases, those with more letters of their own first. */
export function wildcardAliases(models: Readonly<Record<string, ModelEntry>>): WildcardAlias[] {
  return Object.entries(models)
    .filter(([alias]) => isWildcard(alias))
    .sort(([left], [right]) => literalLength(right) - literalLength(left))
    .map(([alias, entry]) => ({
      entry,
      pattern: new RegExp(`^${alias.split('*').map(escapeLetters).join('(.*)')}$`, 's'),
      matchesAll: literalLength(alias) === 0,
    }))
}

export function isWildcard(alias: string): boolean {
  return alias.includes('*')
}

/**
 * The entry for one name: what the first `*` of the alias stands for takes the place of `*` in its targets
 * (`openai/gpt-*`), so that names go through unchanged. Undefined when no alias fits.
 */
export function fillWildcard(aliases: readonly WildcardAlias[], name: string): ModelEntry | undefined {
  for (const { entry, pattern } of aliases) {
    const match = pattern.exec(name)
    if (match === null) continue
    const fill = (target: string) => target.replaceAll('*', () => match[1] ?? '')
    return {
      ...entry,
      target: entry.target === undefined ? undefined : fill(entry.target),
      targets: entry.targets?.map(({ target, weight }) => ({ target: fill(target), weight })),
      fallbacks: entry.fallbacks?.map(fill),
      vision: entry.vision === undefined ? undefined : fill(entry.vision),
    }
  }
  return undefined
}

function escapeLetters(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

function literalLength(alias: string): number {
  return alias.replaceAll('*', '').length
}
