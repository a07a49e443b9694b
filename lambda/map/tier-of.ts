/** Claude Code's model families, in the order in which a name is searched for them. */
export const TIERS = ['haiku', 'sonnet', 'opus', 'fable', 'mythos'] as const

export type Tier = (typeof TIERS)[number]

/** The tier whose word stands in the name: `claude-sonnet-4-5-20250929`, `claude-3-5-haiku-latest`, `Opus[1m]`. */
export function tierOf(name: string): Tier | undefined {
  const words = new Set(name.toLowerCase().split(/[^a-z]+/))
  return TIERS.find((tier) => words.has(tier))
}

/** The name without the `[1m]` that asks for a long context: it means something to Claude Code only. */
export function withoutSuffix(name: string): string {
  return name.replace(/\[\d+[mk]\]$/i, '').trim()
}

/**
 * Other spellings of a name, nearest first: without `[1m]`, without the date or
 * `-latest` of a snapshot. (`sonnet[1m]`: Claude Code, 2026-11; dated snapshots: ids in @anthropic-ai/sdk 1.11.)
 */
export function spellingsOf(name: string): string[] {
  const plain = withoutSuffix(name)
  return [...new Set([name, plain, plain.replace(/[-@](?:\d{8}|latest)$/, '')])].filter(
    (spelling) => spelling !== '',
  )
}
