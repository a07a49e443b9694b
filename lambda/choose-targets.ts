import type { MessagesRequest } from './anthropic/messages-request.ts'
import { holdsImages } from './convert/holds-images.ts'
import { toLatestImageOnly, withoutImages } from './convert/latest-image-only.ts'
import type { Route, Target } from './map/target.ts'

/**
 * Which targets of a route may serve this request, best first. Images choose: when the request holds one anywhere
 * and the first target cannot see, the vision target takes its place. With `image_mode: latest-only` the request
 * itself is trimmed, too.
 */
export function chooseTargets(
  route: Route,
  request: MessagesRequest,
): { targets: readonly [Target, ...Target[]]; request: MessagesRequest } {
  const { vision, targets } = route
  if (!vision || !holdsImages(request)) return { targets, request }
  if (route.imageMode === 'latest-only') {
    const trimmed = toLatestImageOnly(request)
    return trimmed ? { targets: [vision], request: trimmed } : { targets, request: withoutImages(request) }
  }
  if (canSee(targets[0])) return { targets, request }
  // Fallbacks that can see stay: an image must not reach a model that would have to guess.
  return { targets: [vision, ...targets.filter(canSee)], request }
}

function canSee({ quirks }: Target): boolean {
  return quirks.images !== 'none' && quirks.content_form !== 'string'
}
