import * as z from 'zod'
import { renameModel } from '../convert/rename-model.ts'
import { toUpstreamError } from '../convert/upstream-error.ts'
import { toErrorEnvelope, toErrorHeaders, toGatewayError, type UpstreamError } from '../errors.ts'
import type { GatewayAnswer } from '../http.ts'
import type { Log } from '../log.ts'
import type { Target } from '../map/target.ts'
import { AnswerReader } from './answer-reader.ts'
import { AnsweredError } from './answered-error.ts'
import { authenticatedHeaders, renewedAuthentication } from './authentication.ts'
import { decodedBody } from './decoded-body.ts'
import { readErrorBody } from './error-body.ts'
import type { Attempt, Exchange } from './exchange.ts'
import { withForwardedQuery } from './forwarded-query.ts'
import { callUpstream, type UpstreamResponse } from './http-client.ts'
import { forwardedAnswerHeaders, forwardedRequestHeaders } from './passthrough-headers.ts'

/** What the passthrough needs of a turn. */
export type PassthroughAttempt = Pick<
  Attempt,
  'target' | 'requestJson' | 'requestHeaders' | 'requestQuery' | 'requestId' | 'signal' | 'keys' | 'log'
>

/**
 * Anthropic itself, or any endpoint that speaks its API: the caller's bytes go there with the model renamed and our own
 * key, the answer's bytes come back as they are, errors too.
 */
export const anthropicExchange: Exchange = async (attempt) => {
  const { target, requestId, log } = attempt
  const response = await send(attempt, target.url)
  if (!isGood(response)) throw await toAnsweredError(response, target)
  const reader = new AnswerReader(response.headers)
  return {
    kind: 'bytes',
    target,
    status: response.status,
    headers: forwardedAnswerHeaders(response.headers),
    body: passed(response, reader, requestId, log),
    seen: () => reader.summary,
  }
}

/**
 * An error in the envelope goes out as it came. What is none (the page of a proxy, a validation error that quotes the
 * request) becomes one of ours, and so does a 401: the refused key is the gateway's, not the caller's.
 */
async function toAnsweredError(response: UpstreamResponse, target: Target): Promise<UpstreamError> {
  const bytes = await readErrorBody(response, decodedBody(response, target.provider))
  const body = new TextDecoder().decode(bytes)
  const error = toUpstreamError({ ...response, body }, target, Date.now())
  if (!isEnvelope(body) || response.status === 401) return error
  const { 'content-encoding': _decoded, ...headers } = forwardedAnswerHeaders(response.headers)
  return new AnsweredError(error, {
    kind: 'bytes',
    target,
    status: response.status,
    headers: { ...toErrorHeaders(error), ...headers },
    body: once(bytes),
    seen: () => ({}),
  })
}

const EnvelopeSchema = z.looseObject({
  type: z.literal('error'),
  error: z.looseObject({ type: z.string(), message: z.string() }),
})

function isEnvelope(body: string): boolean {
  try {
    return EnvelopeSchema.safeParse(JSON.parse(body)).success
  } catch {
    return false
  }
}

/** `/v1/messages/count_tokens` of the same endpoint; bytes through, as above. */
export async function anthropicCountTokens(attempt: PassthroughAttempt): Promise<GatewayAnswer> {
  const url = new URL(attempt.target.url)
  url.pathname = `${url.pathname.replace(/\/$/, '')}/count_tokens`
  const response = await send(attempt, url.href)
  if (!isGood(response)) {
    const error = await toAnsweredError(response, attempt.target)
    if (!(error instanceof AnsweredError)) throw error
    const { status, headers, body } = error.answer
    return { status, headers, body }
  }
  return {
    status: response.status,
    headers: forwardedAnswerHeaders(response.headers),
    body: once(await readErrorBody(response)),
  }
}

/** Sends the caller's bytes; once more when the key was refused and there is another one by now. */
async function send(attempt: PassthroughAttempt, url: string): Promise<UpstreamResponse> {
  const { target, keys, log } = attempt
  const response = await sendOnce(attempt, url)
  if (response.status !== 401 || !(await renewedAuthentication(target, keys, log))) return response
  await response.body.return()
  return sendOnce(attempt, url)
}

async function sendOnce(
  { target, requestJson, requestHeaders, requestQuery, keys, signal }: PassthroughAttempt,
  address: string,
): Promise<UpstreamResponse> {
  const url = withForwardedQuery(address, requestQuery)
  const body = renameModel(requestJson, target.model)
  const forwarded = forwardedRequestHeaders(requestHeaders)
  const headers = await authenticatedHeaders(target, keys, {
    url,
    headers: { 'content-type': 'application/json', ...forwarded },
    body,
  })
  const betas = betasOf(target.headers, requestHeaders)
  return callUpstream({
    provider: target.provider,
    url,
    headers: {
      ...headers,
      // The record's version is for callers that send none.
      ...(forwarded['anthropic-version'] ? { 'anthropic-version': forwarded['anthropic-version'] } : {}),
      ...(betas === '' ? {} : { 'anthropic-beta': betas }),
    },
    body,
    timeouts: target.timeouts,
    signal,
  })
}

/** The caller's betas unchanged, and after them those that the operator adds. */
function betasOf(
  operators: Readonly<Record<string, string>>,
  callers: Readonly<Record<string, string>>,
): string {
  const own = Object.entries(operators).find(([name]) => name.toLowerCase() === 'anthropic-beta')?.[1]
  const asked = callers['anthropic-beta'] ?? ''
  const names = asked.split(',').map((name) => name.trim())
  const added = (own ?? '').split(',').filter((name) => name.trim() !== '' && !names.includes(name.trim()))
  return [asked, ...added].filter((part) => part !== '').join(',')
}

function isGood({ status }: UpstreamResponse): boolean {
  return status >= 200 && status < 300
}

/**
 * The bytes as they come. A stream that breaks off, or that our own deadline ends, gets an `error` event of ours as its
 * end: a mere cut would look to some clients like a whole answer.
 */
async function* passed(
  { body, headers }: UpstreamResponse,
  reader: AnswerReader,
  requestId: string,
  log: Log,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const bytes of body) {
      reader.see(bytes)
      yield bytes
    }
  } catch (thrown) {
    if (!headers['content-type']?.includes('event-stream')) throw thrown
    const error = toGatewayError(thrown)
    log.warn('the passthrough stream broke off', {
      request_id: requestId,
      error: error.kind,
      reason: error.message,
    })
    // The blank line ends whatever event was cut.
    const event = `\n\nevent: error\ndata: ${JSON.stringify(toErrorEnvelope(error, requestId))}\n\n`
    yield new TextEncoder().encode(event)
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes
}
