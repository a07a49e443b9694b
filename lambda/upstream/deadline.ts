import { GatewayError } from '../errors.ts'
import type { GatewayRequest } from '../http.ts'

/** Left for the error event, the last log line and the carrier itself. */
const SPARE_MILLISECONDS = 3000

/**
 * The request's own signal, which also fires shortly before the carrier stops us (the Lambda's deadline), with an error
 * that may go out as its reason: a stream ends with an `error` event instead of a cut.
 */
export function lifeOf({
  signal,
  remainingMilliseconds,
}: Pick<GatewayRequest, 'signal' | 'remainingMilliseconds'>): AbortSignal {
  if (remainingMilliseconds === undefined) return signal
  const deadline = new AbortController()
  const timer = setTimeout(
    () =>
      deadline.abort(
        new GatewayError(
          'timeout',
          "The answer took longer than the gateway may run, so it was ended here. Ask for less at once, or raise the function's timeout (at most 15 minutes).",
        ),
      ),
    // A limit that is nearly over must not fire before the request has begun.
    Math.max(remainingMilliseconds() - SPARE_MILLISECONDS, 1),
  )
  // It outlives a short turn, and must not keep a process alive for that.
  timer.unref()
  return AbortSignal.any([signal, deadline.signal])
}
