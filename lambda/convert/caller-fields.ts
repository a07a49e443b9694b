import type { MessagesRequest } from '../anthropic/messages-request.ts'
import type { Quirks } from '../providers/quirks.ts'
import { toUserIdentity } from './user-identity.ts'

/** What the provider may know of the caller: a hash of the user, a key for its prompt cache, the service tier. */
export function toCallerFields(request: MessagesRequest, quirks: Quirks): Record<string, unknown> {
  const identity = toUserIdentity(request.metadata?.user_id)
  return {
    ...(identity !== undefined && quirks.user_field !== 'none' ? { [quirks.user_field]: identity.user } : {}),
    ...(identity !== undefined && quirks.prompt_cache_key ? { prompt_cache_key: identity.session } : {}),
    ...(quirks.service_tier ? toServiceTier(request.service_tier) : {}),
  }
}

/** Anthropic's `standard_only` is OpenAI's `default`; any other name is the caller's own business. */
function toServiceTier(tier: string | null | undefined): Record<string, unknown> {
  if (!tier) return {}
  return { service_tier: tier === 'standard_only' ? 'default' : tier }
}
