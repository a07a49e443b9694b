import { GatewayError } from '../errors.ts'

/**
 * A gateway without a key serves whoever can reach its port, and that is not only the user: a web page that the user
 * looks at can post to 127.0.0.1 (the answer stays hidden, the tokens are spent), and one whose own name is made to
 * resolve to 127.0.0.1 can read the answers, too (DNS rebinding). Browsers say where a request comes from (`Origin`,
 * `Sec-Fetch-Site`) and which name was asked for (`Host`); pages cannot change these. Programs send no origin.
 * @throws GatewayError `permission`.
 */
export function requireLocalRequest(headers: Readonly<Record<string, string>>): void {
  const { host, origin } = headers
  if (host !== undefined && !isLocal(host)) throw notLocal('through another name')
  if (headers['sec-fetch-site'] === 'cross-site') throw notLocal('for a web page')
  // An application's own scheme (an editor's extension) is no web page; a page that hides where it comes from is `null`.
  if (origin === 'null') throw notLocal('for a web page')
  const page = /^https?:\/\/(.*)$/i.exec(origin ?? '')?.[1]
  if (page !== undefined && !isLocal(page)) throw notLocal('for a web page')
}

/**
 * A name that nobody can make point here from outside: an address itself, a name without a dot, and the endings that no
 * public name server answers (RFC 6761 `localhost`, RFC 6762 `local`, ICANN 2024 `internal`: host.docker.internal).
 */
function isLocal(host: string): boolean {
  const name = host.replace(/:\d+$/, '').replace(/\.$/, '')
  return /^(\[[0-9a-f:.]+\]|[0-9.]+|[^.]+|.+\.(localhost|local|internal))$/i.test(name)
}

function notLocal(how: string): GatewayError {
  return new GatewayError(
    'permission',
    `This gateway has no key and serves programs of this machine only, and this request came ${how}. To let others in, start it with GATEWAY_KEY and send that key.`,
    { shouldRetry: false },
  )
}
