/**
 * What points an Anthropic client at the listener, over an environment that may point elsewhere. `undefined` means:
 * not set. A key would be sent beside the token, another cloud's switch would make Claude Code ignore the URL, and a
 * proxy must not stand before loopback.
 */
export function clientEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  listener: { readonly url: string; readonly token: string },
): Record<string, string | undefined> {
  const noProxy = ['127.0.0.1', environment['NO_PROXY'] ?? environment['no_proxy'] ?? '']
    .filter((hosts) => hosts !== '')
    .join(',')
  return {
    ANTHROPIC_BASE_URL: listener.url,
    ANTHROPIC_AUTH_TOKEN: listener.token,
    ANTHROPIC_API_KEY: undefined,
    CLAUDE_CODE_OAUTH_TOKEN: undefined,
    CLAUDE_CODE_USE_BEDROCK: undefined,
    CLAUDE_CODE_USE_MANTLE: undefined,
    CLAUDE_CODE_USE_VERTEX: undefined,
    CLAUDE_CODE_USE_FOUNDRY: undefined,
    CLAUDE_CODE_USE_ANTHROPIC_AWS: undefined,
    NO_PROXY: noProxy,
    no_proxy: noProxy,
  }
}

/** The same as lines for a POSIX shell; only what differs from the environment is worth a line. */
export function toShellLines(
  changes: Readonly<Record<string, string | undefined>>,
  environment: Readonly<Record<string, string | undefined>>,
): string[] {
  const proxied = Object.keys(environment).some((name) => /^(https?|all)_proxy$/i.test(name))
  return Object.entries(changes).flatMap(([name, value]) => {
    if (/^no_proxy$/i.test(name) && !proxied) return []
    if (value !== undefined) return [`export ${name}='${value.replaceAll("'", "'\\''")}'`]
    return environment[name] === undefined && name !== 'ANTHROPIC_API_KEY' ? [] : [`unset ${name}`]
  })
}
