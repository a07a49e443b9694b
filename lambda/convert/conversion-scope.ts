import type { Target } from '../map/target.ts'
import { type ToolIdentity, toIdentityName, toSentToolName } from './tool-names.ts'

/** What every part of one conversion must know. */
export interface ConversionScope {
  readonly target: Target
  /** Sent name of a tool, for the tools, the choice and the history alike. */
  readonly sentName: (identity: ToolIdentity) => string
}

export function createScope(target: Target): ConversionScope {
  const limit = target.quirks.tool_name_length
  return { target, sentName: (identity) => toSentToolName(toIdentityName(identity), limit) }
}
