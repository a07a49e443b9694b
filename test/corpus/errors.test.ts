import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { toUpstreamError } from '../../lambda/convert/upstream-error.ts'
import { corpusAbsent, readCorpus } from '../harness/corpus.ts'

const errors = corpusAbsent
  ? []
  : readCorpus().filter(({ speaks, status }) => speaks !== 'anthropic' && status >= 400)

/** What each recorded status may become; overflow and our own mistakes are told apart by the words. */
const KINDS: Readonly<Record<number, readonly string[]>> = {
  400: ['invalid_request', 'context_overflow', 'unsupported'],
  401: ['authentication'],
  404: ['not_found'],
  422: ['invalid_request'],
  429: ['rate_limit'],
  500: ['unsupported', 'upstream'],
}

describe('every recorded error becomes the right kind', { skip: corpusAbsent }, () => {
  for (const { file, status, headers, provider, text } of errors) {
    test(file, () => {
      const target = { provider, model: 'model-1', contextWindow: 131_072, inputTokens: 1000 }
      const error = toUpstreamError({ status, headers, body: text }, target)
      assert.ok(KINDS[status]?.includes(error.kind), `${status} became ${error.kind}`)
      assert.equal(error.upstreamStatus, status)
      assert.doesNotMatch(error.message, /https?:\/\/|org[-_][A-Za-z0-9]{8}|user_[A-Za-z0-9]{8}|\*{3}/)
      if (/context-length/.test(file))
        assert.match(error.message, /^prompt is too long: \d+ tokens > \d+ maximum$/)
      if (status === 401) assert.equal(error.shouldRetry, false)
      if (status === 429) assert.equal(error.retryable, true)
    })
  }

  test('and there are as many as there were', () => {
    assert.ok(errors.length >= 25, `${errors.length} errors`)
  })
})
