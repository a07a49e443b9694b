import { Agent, request } from 'node:http'

/**
 * The four functions of the runtime client's addon, over node:http. The addon's `done` and `error` block until they
 * have been taken; here the next `next` waits for them.
 */

const [hostname, port] = (process.env['AWS_LAMBDA_RUNTIME_API'] ?? '').split(':')
const agent = new Agent({ keepAlive: true, maxSockets: 1 })
let reported = Promise.resolve()

export function initializeClient() {}

export async function next() {
  await reported
  const { headers, body } = await call('GET', 'next', {}, '')
  return {
    bodyJson: body,
    headers: { ...headers, 'lambda-runtime-deadline-ms': Number(headers['lambda-runtime-deadline-ms']) },
  }
}

/** @param {string} id @param {string} response */
export function done(id, response) {
  reported = call('POST', `${id}/response`, { 'content-type': 'application/json' }, response).then(() => {})
}

/** @param {string} id @param {string} error @param {string} xray */
export function error(id, error, xray) {
  const headers = {
    'content-type': 'application/json',
    'lambda-runtime-function-error-type': 'Unhandled',
    'lambda-runtime-function-xray-error-cause': encodeURIComponent(xray),
  }
  reported = call('POST', `${id}/error`, headers, error).then(() => {})
}

/** @param {string} method @param {string} path @param {Record<string, string>} headers @param {string} body */
function call(method, path, headers, body) {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { hostname, port, method, headers, agent, path: `/2018-06-01/runtime/invocation/${path}` },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (part) => {
          text += part
        })
        response.on('end', () => resolve({ headers: response.headers, body: text }))
        response.on('error', reject)
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
