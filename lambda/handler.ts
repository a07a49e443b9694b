import type { APIGatewayProxyEventV2, Context } from 'aws-lambda'
import { GatewayError } from './errors.ts'
import type { GatewayRequest } from './http.ts'
import { createLambdaGateway } from './lambda-gateway.ts'
import { newId } from './new-id.ts'
import { writeBody } from './write-body.ts'

/**
 * The Lambda entry, behind a Function URL with response streaming (payload 2.0). The only file that names
 * `awslambda`, the global of the managed runtime. Clients are built, and the map and the keys are read, while the
 * environment initialises: then it reportedly has a whole CPU, whatever its memory (measurements in a blog of
 * L. van Donkersgoed, 2022; not verified), and afterwards a seventh of one at 256 MB.
 */

/** Function URLs add who signed the request; API Gateway's own type does not know it. */
type FunctionUrlEvent = APIGatewayProxyEventV2 & {
  requestContext: {
    authorizer?: {
      iam?: { accountId?: string; userArn?: string; userId?: string; principalOrgId?: string | null }
    }
  }
}

/** `HttpResponseStream.from` takes any stream that has been handed to the handler. */
type ResponseStream = awslambda.HttpResponseStream & { end(): void }

const gateway = await createLambdaGateway(process.env)

export const handler = awslambda.streamifyResponse<FunctionUrlEvent>(
  async (event, responseStream, context) => {
    const life = new AbortController()
    const leave = () => life.abort(new GatewayError('timeout', 'The caller has left.'))
    // Nobody tells when a caller leaves. Where the stream itself breaks, or nobody takes its bytes until our time is
    // over, the turn ends as others do: with a line in the log.
    responseStream.once('error', leave)
    responseStream.once('close', leave)
    const lastMoment = setTimeout(leave, Math.max(context.getRemainingTimeInMillis() - LAST_MILLISECONDS, 1))
    const answer = await gateway(toGatewayRequest(event, context, life.signal))
    // Nothing is sent before the first write, and the status cannot change after it: by now upstream has answered.
    const stream = awslambda.HttpResponseStream.from(responseStream, {
      statusCode: answer.status,
      headers: { ...answer.headers },
    }) as ResponseStream
    const body = event.requestContext.http.method === 'HEAD' ? '' : answer.body
    try {
      await writeBody(body, stream, life.signal)
    } finally {
      clearTimeout(lastMoment)
      await finished(stream)
    }
  },
)

/** After the deadline of the turn itself (`upstream/deadline.ts`), whose error event needs a moment to go out. */
const LAST_MILLISECONDS = 1000

/** The runtime demands that the stream is finished when the handler's promise resolves. */
function finished(stream: ResponseStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed) return resolve()
    stream.once('finish', () => resolve())
    stream.once('close', () => resolve())
    stream.once('error', () => resolve())
    stream.end()
  })
}

function toGatewayRequest(event: FunctionUrlEvent, context: Context, signal: AbortSignal): GatewayRequest {
  const iam = event.requestContext.authorizer?.iam
  return {
    id: newId('req'),
    method: event.requestContext.http.method.toUpperCase(),
    path: event.rawPath,
    query: new URLSearchParams(event.rawQueryString),
    headers: lowerCaseNames(event.headers),
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    signal,
    iam: iam?.userArn
      ? {
          accountId: iam.accountId ?? '',
          userArn: iam.userArn,
          userId: iam.userId ?? '',
          principalOrgId: iam.principalOrgId ?? undefined,
        }
      : undefined,
    remainingMilliseconds: () => context.getRemainingTimeInMillis(),
  }
}

function lowerCaseNames(headers: Record<string, string | undefined>): Record<string, string> {
  const lower: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) lower[name.toLowerCase()] = value
  }
  return lower
}
