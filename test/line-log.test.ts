import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLineLog } from '../lambda/line-log.ts'

test('a line holds time, level, message and the fields that have a value', () => {
  const lines: string[] = []
  const log = createLineLog(
    (line) => lines.push(line),
    () => new Date(2026, 10, 20, 9, 5, 3),
  )
  log.info('turn', { alias: 'glm', status: 200, error: undefined, reason: 'two words' })
  log.warn('careful')
  assert.deepEqual(lines, [
    '09:05:03 info  turn alias=glm status=200 reason="two words"\n',
    '09:05:03 warn  careful\n',
  ])
})

test('what a caller wrote can neither begin a line of its own nor steer the terminal', () => {
  const lines: string[] = []
  const log = createLineLog((line) => lines.push(line))
  for (const value of [
    'a\nb',
    'a\u2028b',
    '\u001b[2J',
    '\u009b2J',
    'a\u202eb',
    '\u0000',
    '\u{e0041}',
    '\ud800',
    'a\u0085b',
  ])
    log.info('turn', { alias: value, nested: { value } })
  for (const line of lines) assert.match(line, /^[^\p{C}\u2028]*\n$/u, JSON.stringify(line))
})
