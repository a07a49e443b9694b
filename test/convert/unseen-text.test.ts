import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UnseenText } from '../../lambda/convert/unseen-text.ts'

function read(pieces: readonly string[], cumulative = false): string {
  const unseen = new UnseenText(cumulative)
  return pieces.map((piece) => unseen.of(piece)).join('')
}

const SENTENCE = 'The quick brown fox jumps over the lazy dog. '

test('pieces that hold the whole text so far are cut, also where nobody said that they would', () => {
  assert.equal(read([SENTENCE, `${SENTENCE}Twice.`, `${SENTENCE}Twice. Done.`]), `${SENTENCE}Twice. Done.`)
})

test('the same long piece many times over is text, not a repetition', () => {
  assert.equal(read(Array.from({ length: 50 }, () => SENTENCE)), SENTENCE.repeat(50))
})

test('a line of dashes that gets longer is text', () => {
  assert.equal(read(['-'.repeat(60), '-'.repeat(80)]), '-'.repeat(140))
})

test('short pieces are never taken for repetitions unless the provider is known for them', () => {
  assert.equal(read(['ha', 'haha', 'hahaha']), 'hahahahahaha')
  assert.equal(read(['ha', 'haha', 'haha', 'hahaha'], true), 'hahaha')
})
