/** What a caller shows at the door, before anybody has looked at it. */
export interface PresentedCredential {
  readonly value: string
  /**
   * The same value in both headers: that is how Claude Code sends what its `apiKeyHelper` printed (observed with
   * 2.1.329, 2026-11-20), and only then does a repeated request bring a new value.
   */
  readonly renewable: boolean
}

/**
 * Reads `Authorization: Bearer` and `x-api-key`. Where both are sent and differ, the bearer alone counts: a wrong
 * bearer never falls through to a good key, as in two of the predecessors, so that one request has one credential.
 */
export function presentedCredential(
  headers: Readonly<Record<string, string>>,
): PresentedCredential | undefined {
  const { authorization = '', 'x-api-key': key = '' } = headers
  const bearer = /^bearer (.+)$/i.exec(authorization)?.[1]?.trim() || undefined
  const apiKey = key.trim() || undefined
  const value = bearer ?? apiKey
  return value === undefined ? undefined : { value, renewable: bearer === apiKey }
}
