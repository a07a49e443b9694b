import { toUpstreamError } from '../convert/upstream-error.ts'
import { withoutParameters } from '../convert/without-parameters.ts'
import { authenticatedHeaders, renewedAuthentication } from './authentication.ts'
import type { ReleasableBody } from './chunk-batches.ts'
import { decodedBody } from './decoded-body.ts'
import { readErrorBody } from './error-body.ts'
import type { Attempt } from './exchange.ts'
import { callUpstream, type UpstreamResponse } from './http-client.ts'
import { RefusedParameters, toConfigurationHint } from './refused-parameters.ts'

/** A closed schema may name one refused field at a time. */
const MOST_HEALINGS = 3

const PROCESS_REFUSED = new RefusedParameters()

export interface Question {
  readonly body: Readonly<Record<string, unknown>>
  /** The media type that is asked for. */
  readonly accept: string
  /** Our estimate of the prompt, for an error that says how long it was. */
  readonly inputTokens: number
  /** Fields of ours that an error body refuses in words of its own. */
  readonly alsoRefused?: (errorBody: string) => readonly string[]
}

/**
 * Asks a target and resolves with the body of a good answer, none of it read yet. Before that it heals what can be
 * healed without the caller: a key that was changed meanwhile is read anew, and a field of ours that the provider
 * refuses by name is left out and remembered for the life of the process.
 * @throws UpstreamError for everything else.
 */
export async function askUpstream(
  attempt: Attempt,
  { body: whole, accept, inputTokens, alsoRefused }: Question,
  refused: RefusedParameters = PROCESS_REFUSED,
): Promise<ReleasableBody> {
  const { target, keys, log } = attempt
  let { body } = withoutParameters(whole, refused.of(target))
  let renewed = false
  for (let healings = 0; ; ) {
    const response = await post(attempt, body, accept)
    const plain = decodedBody(response, target.provider)
    if (response.status >= 200 && response.status < 300) return plain
    const text = new TextDecoder().decode(await readErrorBody(response.body, plain))
    const error = toUpstreamError({ ...response, body: text }, { ...target, inputTokens }, Date.now())
    if (response.status === 401 && !renewed) {
      renewed = true
      if (await renewedAuthentication(target, keys, log)) continue
    }
    const names = [...error.rejectedParameters, ...(alsoRefused?.(text) ?? [])]
    const healed = isRefusal(response.status) ? withoutParameters(body, names) : undefined
    if (!healed || healed.dropped.length === 0 || healings >= MOST_HEALINGS) throw error
    healings += 1
    body = healed.body
    refused.remember(target, healed.dropped)
    log.warn('the provider refuses fields of the request; they are left out from now on', {
      provider: target.provider,
      model: target.model,
      fields: healed.dropped,
      configuration: toConfigurationHint(target, healed.dropped),
    })
  }
}

function isRefusal(status: number): boolean {
  return status === 400 || status === 422
}

async function post(
  { target, keys, signal }: Attempt,
  body: Readonly<Record<string, unknown>>,
  accept: string,
): Promise<UpstreamResponse> {
  const text = JSON.stringify(body)
  const headers = await authenticatedHeaders(target, keys, {
    url: target.url,
    headers: { 'content-type': 'application/json', accept, 'user-agent': 'messages-lambda' },
    body: text,
  })
  return callUpstream({
    provider: target.provider,
    url: target.url,
    headers,
    body: text,
    timeouts: target.timeouts,
    signal,
  })
}
