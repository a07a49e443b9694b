import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toMinimalValue } from '../../lambda/convert/minimal-value.ts'

const ROWS: [name: string, schema: unknown, value: unknown][] = [
  ['an object without requirements', { type: 'object', properties: { a: { type: 'string' } } }, {}],
  [
    'nested objects',
    {
      required: ['a'],
      properties: { a: { type: 'object', required: ['b'], properties: { b: { type: 'boolean' } } } },
    },
    { a: { b: false } },
  ],
  ['a required property that is not described', { required: ['a'] }, { a: 'demo' }],
  ['lengths', { type: 'string', minLength: 6 }, 'demo..'],
  ['a short text', { type: 'string', maxLength: 2 }, 'de'],
  ['limits of numbers', { type: 'integer', exclusiveMinimum: 4, maximum: 9 }, 5],
  ['several types', { type: ['null', 'string'] }, null],
  ['a constant', { const: 7 }, 7],
  ['a default', { type: 'string', default: 'x' }, 'x'],
  ['a choice', { anyOf: [{ type: 'array' }, { type: 'string' }] }, []],
  ['parts', { allOf: [{ required: ['a'] }, { required: ['b'] }] }, { a: 'demo', b: 'demo' }],
  [
    'a reference',
    { required: ['a'], properties: { a: { $ref: '#/$defs/A' } }, $defs: { A: { enum: ['x'] } } },
    { a: 'x' },
  ],
  ['something that is no schema', 'x', {}],
]

for (const [name, schema, value] of ROWS) {
  test(`${name}: the smallest value that fits`, () => {
    assert.deepEqual(toMinimalValue(schema), value)
  })
}

test('a schema that refers to itself has an end', () => {
  const schema = { required: ['next'], properties: { next: { $ref: '#' } } }
  assert.match(JSON.stringify(toMinimalValue(schema)), /^\{"next":/)
})

test('a property named __proto__ is a property', () => {
  const value = toMinimalValue(
    JSON.parse('{"required":["__proto__"],"properties":{"__proto__":{"type":"boolean"}}}'),
  )
  assert.equal(JSON.stringify(value), '{"__proto__":false}')
})
