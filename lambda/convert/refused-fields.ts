import type { MessagesRequest } from '../anthropic/messages-request.ts'
import { GatewayError } from '../errors.ts'

/**
 * Features of Anthropic's servers that cannot be left out without changing what the caller gets. The error for
 * `thread` is the one from which the SDK's tool runner recovers (SDK 1.11, 2026-11); any other kills its run.
 */
export function refuseUnsupported(request: MessagesRequest): void {
  if (request['thread'] !== undefined && request['thread'] !== null && request['thread'] !== false) {
    throw new GatewayError(
      'unsupported',
      'thread: this gateway keeps no threads. Send the whole conversation without `thread`.',
      { details: { error_code: 'thread_unsupported_request', unsupported: ['thread'] } },
    )
  }
}
