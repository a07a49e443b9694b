import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { toWellFormedJson } from '../../lambda/convert/well-formed-json.ts'
import { cases } from '../harness/cases.ts'

describe('a body as JSON', () => {
  test('has no half characters, and everything else as it is', () => {
    const whole = { text: 'a😀 \\ud83d \\\\ud83d "\\u0041"', code: 'if (c === "\\\\ud83d")' }
    assert.equal(toWellFormedJson(whole), JSON.stringify(whole))
    assert.deepEqual(JSON.parse(toWellFormedJson({ 'a\ud83d': ['\ude00b', '\\\ud83d'] })), {
      'a\ufffd': ['\ufffdb', '\\\ufffd'],
    })
  })

  test('is what the language itself makes well-formed', () => {
    const unit = fc.constantFrom('\ud83d', '\ude00', '\\', 'u', 'd', '8', '3', '"', 'a')
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 20 }), (units) => {
        const text = units.join('')
        assert.equal(JSON.parse(toWellFormedJson(text)), text.toWellFormed())
      }),
      cases(500),
    )
  })
})
