import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'

/** Who AWS says has signed the request; what an `AWS_IAM` URL puts into the event. */
export interface SignedIdentity {
  readonly accountId: string
  readonly userArn: string
  readonly userId: string
  readonly principalOrgId?: string
}

type FunctionUrlEvent = Omit<APIGatewayProxyEventV2, 'requestContext'> & {
  requestContext: APIGatewayProxyEventV2['requestContext'] & {
    authorizer?: { iam: SignedIdentity & { accessKey: string; callerId: string; cognitoIdentity: null } }
  }
}

/**
 * A request as a Function URL tells it to the function: payload format 2.0.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html (2026-11)
 */
export function toFunctionUrlEvent(
  request: IncomingMessage,
  body: Buffer,
  identity: SignedIdentity | undefined,
): FunctionUrlEvent {
  const { pathname, search, searchParams } = new URL(request.url ?? '/', 'http://function-url')
  const { cookie, ...headers } = toSingleValues(request.headers)
  const method = request.method ?? 'GET'
  const now = new Date()
  const asText = isText(headers)
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: pathname,
    rawQueryString: search.slice(1),
    headers,
    ...(cookie === undefined ? {} : { cookies: cookie.split(/;\s*/) }),
    ...(search === '' ? {} : { queryStringParameters: toQuery(searchParams) }),
    requestContext: {
      accountId: identity?.accountId ?? 'anonymous',
      apiId: 'abcdefghij',
      domainName: 'abcdefghij.lambda-url.eu-central-1.on.aws',
      domainPrefix: 'abcdefghij',
      http: {
        method,
        path: pathname,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: '$default',
      stage: '$default',
      time: now.toISOString(),
      timeEpoch: now.getTime(),
      ...(identity === undefined ? {} : { authorizer: { iam: toAuthorizer(identity) } }),
    },
    ...(body.length === 0 ? {} : { body: body.toString(asText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !asText,
  }
}

/** Text goes as it is; everything else, and everything compressed, as base64, a third longer. */
function isText(headers: Record<string, string>): boolean {
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') return false
  return /^(text\/|application\/(json|xml|javascript))/i.test(headers['content-type'] ?? '')
}

function toSingleValues(headers: IncomingMessage['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(',') : (value ?? ''),
    ]),
  )
}

/** A name that comes twice has its values joined with a comma. */
function toQuery(parameters: URLSearchParams): Record<string, string> {
  return Object.fromEntries(
    [...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name).join(',')]),
  )
}

function toAuthorizer(identity: SignedIdentity) {
  return { ...identity, accessKey: 'ASIAEXAMPLE', callerId: identity.userId, cognitoIdentity: null }
}
