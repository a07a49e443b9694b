import type { Quirks } from '../providers/quirks.ts'
import { stableHash } from './stable-hash.ts'
import { toProviderToolId } from './tool-use-id.ts'

/**
 * The id a tool call has at the provider: the one that the provider itself gave out, wherever it takes that again.
 */
export function toSentToolId(id: string, form: Quirks['tool_id_form']): string {
  const own = toProviderToolId(id)
  switch (form) {
    case 'any':
      return own
    case 'at_most_40':
      return own.length <= 40 ? own : `call_${stableHash(own, 32)}`
    case 'alphanumeric_9':
      return /^[a-zA-Z0-9]{9}$/.test(own) ? own : stableHash(own, 9)
  }
}
