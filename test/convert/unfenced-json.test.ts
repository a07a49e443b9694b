import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createUnfencedJson } from '../../lambda/convert/unfenced-json.ts'

function unfenced(pieces: Iterable<string>): string {
  const filter = createUnfencedJson()
  let text = ''
  for (const piece of pieces) text += filter.push(piece)
  return text + filter.flush()
}

describe('a code fence around JSON', () => {
  const CASES: readonly [string, string][] = [
    ['```json\n{"a":1}\n```', '{"a":1}'],
    [' \n```\n{"a":1}\n```\n\n', '{"a":1}'],
    ['```json\r\n[1,\n2]```', '[1,\n2]'],
    ['{"a":1}', '{"a":1}'],
    ['{"a":"```json\\n```"}', '{"a":"```json\\n```"}'],
    ['```json\n{"a":"``"}\n```', '{"a":"``"}'],
    ['```json\n{"a":"x ``` y"}\n```', '{"a":"x ``` y"}'],
    ['```json\n{"a": 1}', '{"a": 1}'],
    ['```json\n{"a": 1}``', '{"a": 1}``'],
    ['``', '``'],
    ['', ''],
    ['```not json``` at all', '```not json``` at all'],
    ['Here:\n```json\n{}\n```', 'Here:\n```json\n{}\n```'],
  ]
  for (const [written, expected] of CASES) {
    test(`${JSON.stringify(written)}, however it is cut`, () => {
      assert.equal(unfenced([written]), expected)
      assert.equal(unfenced(written), expected)
      for (let at = 1; at < written.length; at += 1)
        assert.equal(unfenced([written.slice(0, at), written.slice(at)]), expected)
    })
  }
})
