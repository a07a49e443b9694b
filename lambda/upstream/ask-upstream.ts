import type { AnswerRules } from '../convert/answer-rules.ts'
import { toUpstreamError } from '../convert/upstream-error.ts'
import { toWellFormedJson } from '../convert/well-formed-json.ts'
import { authenticatedHeaders, renewedAuthentication } from './authentication.ts'
import type { ReleasableBody } from './chunk-batches.ts'
import { decodedBody } from './decoded-body.ts'
import { readErrorBody } from './error-body.ts'
import type { Attempt } from './exchange.ts'
import { createProviderKnowledge, type HealableRequest, Healing } from './healing.ts'
import { callUpstream, type UpstreamResponse } from './http-client.ts'

const PROCESS_KNOWLEDGE = createProviderKnowledge()

export interface Question extends HealableRequest {
  /** The media type that is asked for. */
  readonly accept: string
}

/**
 * Asks a target and resolves with the body of a good answer, none of it read yet, and the rules for reading it. Before
 * that it heals what can be healed without the caller: a key that was changed meanwhile is read anew, and a request that
 * the provider refuses for a reason of our own making is changed (`healing.ts`).
 * @throws UpstreamError for everything else.
 */
export async function askUpstream(
  attempt: Attempt,
  question: Question,
  knowledge = PROCESS_KNOWLEDGE,
): Promise<{ readonly body: ReleasableBody; readonly rules: AnswerRules }> {
  const { target, keys, log } = attempt
  const healing = new Healing(attempt, question, knowledge)
  let renewed = false
  for (;;) {
    const response = await post(attempt, healing.body, question.accept)
    const body = decodedBody(response, target.provider)
    if (response.status >= 200 && response.status < 300) return { body, rules: healing.rules }
    const text = new TextDecoder().decode(await readErrorBody(response, body))
    const { inputTokens } = healing.rules
    const error = toUpstreamError({ ...response, body: text }, { ...target, inputTokens }, Date.now())
    if (response.status === 401 && !renewed) {
      renewed = true
      if (await renewedAuthentication(target, keys, log)) continue
    }
    if (!healing.heal(response.status, text, error.rejectedParameters)) throw error
  }
}

async function post(
  { target, keys, signal }: Attempt,
  body: Readonly<Record<string, unknown>>,
  accept: string,
): Promise<UpstreamResponse> {
  const text = toWellFormedJson(body)
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
