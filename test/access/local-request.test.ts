import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAuthenticate } from '../../lambda/access/authenticate.ts'
import { refused, requestWith } from './request.ts'

const authenticate = createAuthenticate({ mode: 'open' })

const LET_IN: Record<string, string>[] = [
  {},
  { host: '127.0.0.1:8787' },
  { host: 'localhost:8787' },
  { host: '[::1]:8787' },
  { host: 'host.docker.internal:8787' },
  { host: 'laptop.local' },
  { host: 'gateway' },
  { host: '192.168.1.20:8787' },
  { host: '127.0.0.1:8787', origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' },
  { host: '127.0.0.1:8787', origin: 'http://127.0.0.1:8787', 'sec-fetch-site': 'same-origin' },
  { host: '127.0.0.1:8787', origin: 'vscode-webview://1a2b3c' },
]

const KEPT_OUT: Record<string, string>[] = [
  // A page posts without asking: no preflight for text/plain.
  { host: '127.0.0.1:8787', origin: 'https://evil.example', 'content-type': 'text/plain' },
  { host: '127.0.0.1:8787', origin: 'null' },
  { host: '127.0.0.1:8787', origin: 'https://localhost.evil.example' },
  { host: '127.0.0.1:8787', origin: 'http://127.0.0.1.evil.example' },
  { host: '127.0.0.1:8787', 'sec-fetch-site': 'cross-site' },
  // DNS rebinding: to the browser it is the page's own server.
  { host: 'evil.example:8787', origin: 'http://evil.example:8787', 'sec-fetch-site': 'same-origin' },
  { host: 'evil.example' },
  { host: '127.0.0.1.evil.example' },
  { host: 'localhost.evil.example:80' },
  { host: '', origin: 'https://user@evil.example' },
]

test('a gateway without a key serves the programs of its machine', async () => {
  for (const headers of LET_IN) {
    assert.equal((await authenticate(requestWith(headers))).id, 'local', JSON.stringify(headers))
  }
})

test('a gateway without a key serves no web page and no name that somebody else could point at it', async () => {
  for (const headers of KEPT_OUT) {
    const error = await refused(authenticate(requestWith(headers)))
    assert.equal(error.kind, 'permission', JSON.stringify(headers))
    assert.match(error.message, /GATEWAY_KEY/)
  }
})

test('with a key it is the key that counts', async () => {
  const keyed = createAuthenticate({ mode: 'open', key: 'a-key-of-some-length' })
  const headers = {
    host: 'gateway.example.com',
    origin: 'https://app.example.com',
    'x-api-key': 'a-key-of-some-length',
  }
  assert.equal((await keyed(requestWith(headers))).id, 'local')
})
