import { GatewayError } from '../errors.ts'

/** Left for the error event, the last log line and the carrier itself. */
const SPARE_MILLISECONDS = 3000

/**
 * Fires shortly before the carrier stops us (the Lambda's deadline), with an error that may go out as its reason:
 * a stream ends with an `error` event instead of a cut. Without a limit it never fires.
 */
export function deadlineSignal(remainingMilliseconds: (() => number) | undefined): AbortSignal {
  const controller = new AbortController()
  if (remainingMilliseconds) {
    const timer = setTimeout(
      () =>
        controller.abort(
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
  }
  return controller.signal
}
