import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { matchesModel } from '../../lambda/providers/match-model.ts'
import { cases } from '../harness/cases.ts'

describe('a glob over model ids', () => {
  test('without a star matches the whole id, whatever its case', () => {
    assert.equal(matchesModel('glm-4', 'GLM-4'), true)
    assert.equal(matchesModel('glm-4', 'glm-4.5'), false)
    assert.equal(matchesModel('glm-4', 'x/glm-4'), false)
  })

  test('matches a beginning, an end, a middle, and everything', () => {
    assert.equal(matchesModel('gpt-5*', 'gpt-5-mini'), true)
    assert.equal(matchesModel('gpt-5*', 'my-gpt-5'), false)
    assert.equal(matchesModel('*-chat', 'gpt-5-chat'), true)
    assert.equal(matchesModel('*kimi-k2*', 'moonshotai/Kimi-K2-Instruct'), true)
    assert.equal(matchesModel('*', ''), true)
  })

  test('does not let one character serve two pieces', () => {
    assert.equal(matchesModel('ab*ba', 'aba'), false)
    assert.equal(matchesModel('a*b*b', 'ab'), false)
    assert.equal(matchesModel('gpt-5.*-chat*', 'gpt-5.1-chat-latest'), true)
    assert.equal(matchesModel('gpt-5.*-chat*', 'gpt-5-chat-latest'), false)
  })

  test('takes every other character for itself', () => {
    assert.equal(matchesModel('a.c', 'abc'), false)
    assert.equal(matchesModel('a+', 'aa'), false)
    assert.equal(matchesModel('openai.gpt-oss-20b-1:0', 'openai.gpt-oss-20b-1:0'), true)
  })

  test('agrees with a regular expression on any glob and id', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '-', '.', '*'), maxLength: 8 })
    const id = fc.string({ unit: fc.constantFrom('a', 'b', '-', '.'), maxLength: 12 })
    const quote = (text: string) => text.replace(/[.-]/g, '\\$&')
    fc.assert(
      fc.property(letters, id, (glob, model) => {
        const expected = new RegExp(`^${glob.split('*').map(quote).join('.*')}$`).test(model)
        assert.equal(matchesModel(glob, model), expected)
      }),
      cases(2000),
    )
  })
})
