import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { decodeThinkingSignature, encodeThinkingSignature } from '../../lambda/convert/thinking-signature.ts'
import { cases } from '../harness/cases.ts'

const wellFormed = fc.string({ unit: 'grapheme' })

describe('the signature of a thinking block', () => {
  test('gives back what went in', () => {
    const carried = fc.record(
      {
        provider: wellFormed,
        model: wellFormed,
        text: wellFormed,
        details: fc.array(fc.jsonValue()),
        toolSignatures: fc.dictionary(
          fc.string({ minLength: 1 }).filter((name) => name !== '__proto__'),
          wellFormed,
          { noNullPrototype: true },
        ),
      },
      { requiredKeys: ['provider', 'model'] },
    )
    fc.assert(
      fc.property(carried, (value) => {
        const signature = encodeThinkingSignature(value)
        assert.match(signature, /^[\w.-]+$/)
        assert.deepEqual(decodeThinkingSignature(signature), JSON.parse(JSON.stringify(value)))
      }),
      cases(100),
    )
  })

  test('holds a long text', () => {
    const text = 'Grüße 你好 👋 '.repeat(50_000)
    assert.equal(
      decodeThinkingSignature(encodeThinkingSignature({ provider: 'p', model: 'm', text }))?.text,
      text,
    )
  })

  test('of somebody else, or damaged, is none', () => {
    const own = encodeThinkingSignature({ provider: 'p', model: 'm', text: 'abc' })
    for (const signature of [
      '',
      'EqQBCgIYAhIM',
      'ml1.',
      'ml1.%%%',
      'ml1.bnVsbA',
      'ml1.W10',
      'ml2.e30',
      own.slice(0, -3),
      `${own}!`,
    ])
      assert.equal(decodeThinkingSignature(signature), undefined, signature)
  })

  test('is never a reason to fail', () => {
    fc.assert(
      fc.property(fc.string(), (text) => void decodeThinkingSignature(`ml1.${text}`)),
      cases(100),
    )
  })
})
