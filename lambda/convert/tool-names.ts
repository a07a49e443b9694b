import { stableHash } from './stable-hash.ts'

/** Chat Completions takes this set (openai 7.55 types, 2026-11). */
const ALLOWED = /^[a-zA-Z0-9_-]+$/
const HASH_DIGITS = 8

/**
 * The name a tool has at the provider. A name that is too long or holds other characters keeps its beginning and
 * ends in a hash of the whole, so that the same name becomes the same everywhere: in the tools, in `tool_choice`
 * and in old calls whose tool is no longer offered.
 */
export function toSentToolName(name: string, limit: number): string {
  if (name.length <= limit && ALLOWED.test(name)) return name
  const kept = name.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, limit - HASH_DIGITS - 1)
  return `${kept || 'tool'}_${stableHash(name, HASH_DIGITS)}`
}

/** What a sent name stands for in the Messages API. */
export interface ToolIdentity {
  readonly name: string
  /** Family of a toolset's member (`computer`, `browser`): goes into `tool_use.toolset_name`. */
  readonly toolset?: string
}

/** A toolset's member is one function, named with its family, since families share member names. */
export function toIdentityName(identity: ToolIdentity): string {
  return identity.toolset === undefined ? identity.name : `${identity.toolset}_${identity.name}`
}
