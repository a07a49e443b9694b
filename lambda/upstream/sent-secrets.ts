/** Names of headers and query fields that prove who asks; operators add their own (`headers:` of a provider). */
const SECRET_NAME = /auth|key|token|secret|password|cookie/i

/** Less could be any word of an error text. */
const SHORTEST = 6

/** The secrets that a request shows to a provider: some answer with them (seen in error texts of key checks, 2026-11). */
export function sentSecrets(headers: Readonly<Record<string, string>>, url: URL): string[] {
  const shown = [...Object.entries(headers), ...url.searchParams, ['password', url.password] as const]
  return shown
    .filter(([name]) => SECRET_NAME.test(name))
    .map(([, value]) => value.replace(/^(?:Bearer|Basic|Token) +/i, ''))
    .filter((secret) => secret.length >= SHORTEST)
}

/** The same text without them, whatever form a key has. */
export function withoutSecrets(text: Uint8Array, secrets: readonly string[]): Uint8Array {
  const found = secrets.filter((secret) => Buffer.from(text).includes(secret))
  if (found.length === 0) return text
  return Buffer.from(
    found.reduce((clean, secret) => clean.replaceAll(secret, '[key]'), Buffer.from(text).toString()),
  )
}
