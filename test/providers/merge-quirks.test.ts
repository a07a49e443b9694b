import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { mergeQuirks } from '../../lambda/providers/merge-quirks.ts'
import type { Provider } from '../../lambda/providers/provider.ts'
import { STANDARD } from '../../lambda/providers/quirks.ts'

const RECORD: Provider = {
  title: 'Example',
  dialect: 'chat',
  base_url: 'http://localhost/v1',
  path: '/chat/completions',
  authentication: 'bearer',
  key: 'none',
  quirks: { max_stop_sequences: 3, max_tools: 3, extra_body: { a: 1, b: { c: 2 } } },
  models: [
    { match: 'big*', quirks: { max_tools: 4 }, context_window: 1000, source: 'test' },
    { match: 'big-one', quirks: { max_tools: 5 }, max_output_tokens: 10, source: 'test' },
  ],
  source: 'test',
}

describe('merging quirks', () => {
  test('starts from the standard, then the record', () => {
    const { quirks, contextWindow, maxOutputTokens } = mergeQuirks(RECORD, 'small')
    assert.deepEqual(quirks, {
      ...STANDARD,
      max_stop_sequences: 3,
      max_tools: 3,
      extra_body: { a: 1, b: { c: 2 } },
    })
    assert.equal(contextWindow, undefined)
    assert.equal(maxOutputTokens, undefined)
  })

  test('applies every matching exception in order, the last one wins', () => {
    const merged = mergeQuirks(RECORD, 'BIG-one')
    assert.equal(merged.quirks.max_tools, 5)
    assert.equal(merged.contextWindow, 1000)
    assert.equal(merged.maxOutputTokens, 10)
    assert.equal(mergeQuirks(RECORD, 'big-two').quirks.max_tools, 4)
  })

  test("puts the configuration's provider over the record, and its model entry over both", () => {
    const merged = mergeQuirks(RECORD, 'big-one', { max_tools: 6, max_stop_sequences: 6 }, undefined, {
      max_tools: 7,
    })
    assert.equal(merged.quirks.max_tools, 7)
    assert.equal(merged.quirks.max_stop_sequences, 6)
  })

  test('merges body fields key by key, and null takes a key away', () => {
    const body = (...overrides: Record<string, unknown>[]) =>
      mergeQuirks(RECORD, 'x', ...overrides.map((extra_body) => ({ extra_body }))).quirks.extra_body
    assert.deepEqual(body({ d: 4 }), { a: 1, b: { c: 2 }, d: 4 })
    assert.deepEqual(body({ a: null }, { e: 5 }), { b: { c: 2 }, e: 5 })
  })

  test('changes neither the standard nor the record', () => {
    const before = structuredClone([STANDARD, RECORD])
    mergeQuirks(RECORD, 'big-one', { extra_body: { a: null }, thinking_body: { x: 1 } })
    assert.deepEqual([STANDARD, RECORD], before)
  })
})
