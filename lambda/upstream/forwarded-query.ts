/**
 * An endpoint's URL with the caller's query parameters that pass through. `beta=true` is all that the clients were seen to
 * send (Claude Code 2.1.329, 2026-11); any other may be a credential of the carrier's (a presigned `X-Amz-Signature`), so
 * this is a list of what may pass, as for the headers. What the operator's URL says already stays as it is.
 */
const NAMES: readonly string[] = ['beta']

export function withForwardedQuery(address: string, query: URLSearchParams | undefined): string {
  const passing = NAMES.flatMap((name) => {
    const value = query?.get(name)
    return typeof value === 'string' ? [[name, value] as const] : []
  })
  if (passing.length === 0) return address
  const url = new URL(address)
  for (const [name, value] of passing) {
    if (!url.searchParams.has(name)) url.searchParams.set(name, value)
  }
  return url.href
}
