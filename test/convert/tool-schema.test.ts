import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { toProviderSchema } from '../../lambda/convert/tool-schema.ts'
import { type PartialQuirks, STANDARD } from '../../lambda/providers/quirks.ts'

const clean = (schema: Record<string, unknown>, quirks: PartialQuirks = {}) =>
  toProviderSchema(schema, { ...STANDARD, ...quirks })
const inProperty = (schema: Record<string, unknown>, quirks: PartialQuirks = {}) =>
  Object(clean({ type: 'object', properties: { p: schema } }, quirks)['properties'])['p']

describe('a tool’s schema', () => {
  test('has a plain object at its root', () => {
    assert.deepEqual(clean({}), { type: 'object', properties: {} })
    assert.deepEqual(clean({ type: 'object' }), { type: 'object', properties: {} })
    assert.deepEqual(
      clean({ $ref: '#/$defs/A', $defs: { A: { type: 'object', properties: { a: { type: 'null' } } } } }),
      {
        type: 'object',
        properties: { a: { type: 'null' } },
        $defs: { A: { type: 'object', properties: { a: { type: 'null' } } } },
      },
    )
  })

  test('tells alternatives of its root in words, with all their fields', () => {
    const schema = {
      oneOf: [
        { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
        { type: 'object', properties: { b: { type: 'number' }, a: { type: 'number' } }, required: ['b'] },
      ],
    }
    assert.deepEqual(clean(schema), {
      type: 'object',
      properties: { a: { anyOf: [{ type: 'string' }, { type: 'number' }] }, b: { type: 'number' } },
      description: '(give exactly one of these sets of fields: a | b)',
    })
  })

  test('keeps the order of its keys, and the names of its fields whatever they are', () => {
    const schema = {
      type: 'object',
      properties: { z: {}, $schema: { type: 'string' }, format: { type: 'string' }, a: {} },
      required: ['z'],
    }
    assert.equal(JSON.stringify(clean(schema)), JSON.stringify(schema))
  })

  test('loses what only names it', () => {
    assert.deepEqual(
      clean({ $schema: 'http://json-schema.org/draft-07/schema#', $id: 'x', type: 'object', properties: {} }),
      { type: 'object', properties: {} },
    )
  })

  test('tells a refused keyword in the description', () => {
    assert.deepEqual(
      inProperty(
        { type: 'string', minLength: 3, pattern: '^a', description: 'A word.' },
        { schema_drop: ['minLength', 'pattern'] },
      ),
      {
        type: 'string',
        description: 'A word. (minLength: 3; pattern: "^a")',
      },
    )
    assert.deepEqual(inProperty({ const: 'x' }, { schema_drop: ['const'] }), { enum: ['x'] })
    assert.deepEqual(
      inProperty({ type: 'object', additionalProperties: false }, { schema_drop: ['additionalProperties'] }),
      { type: 'object' },
    )
  })

  test('merges allOf where that is refused', () => {
    const schema = { type: 'string', allOf: [{ pattern: '^a' }, { pattern: 'z$' }, { minLength: 2 }] }
    assert.deepEqual(inProperty(schema, { schema_drop: ['allOf'] }), {
      type: 'string',
      pattern: '^a',
      minLength: 2,
      description: '(also pattern: "z$")',
    })
  })

  test('has a property for every required name, since Gemini refuses one that no property has', () => {
    const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a', 'b'] }
    assert.deepEqual(inProperty(schema), { ...schema, properties: { a: { type: 'string' }, b: {} } })
    const branches = { type: 'object', anyOf: [{ required: ['a'] }, { required: ['b'] }] }
    assert.deepEqual(inProperty(branches), branches)
  })

  test('keeps only the formats that are accepted', () => {
    const quirks: PartialQuirks = { schema_formats: ['date-time'] }
    assert.deepEqual(inProperty({ type: 'string', format: 'uri' }, quirks), {
      type: 'string',
      description: '(format: "uri")',
    })
    assert.deepEqual(inProperty({ type: 'string', format: 'date-time' }, quirks), {
      type: 'string',
      format: 'date-time',
    })
  })

  test('writes oneOf as anyOf, and moves a type into its branches', () => {
    assert.deepEqual(
      inProperty({ oneOf: [{ type: 'string' }, { type: 'null' }] }, { schema_one_of: 'any_of' }),
      { anyOf: [{ type: 'string' }, { type: 'null' }] },
    )
    assert.deepEqual(
      inProperty(
        { type: 'string', anyOf: [{ minLength: 1 }, { type: 'null' }] },
        { schema_type_in_branches: true },
      ),
      {
        anyOf: [{ type: 'string', minLength: 1 }, { type: 'null' }],
      },
    )
  })

  test('enumerates only strings where that is the rule, and keeps the type of the others', () => {
    const quirks: PartialQuirks = { schema_string_enums: true }
    assert.deepEqual(inProperty({ type: 'integer', enum: [1, 2] }, quirks), {
      type: 'integer',
      description: '(one of: 1, 2)',
    })
    assert.deepEqual(inProperty({ type: 'string', enum: ['a'] }, quirks), { type: 'string', enum: ['a'] })
  })

  test('holds what its references name, where they are refused', () => {
    const schema = {
      type: 'object',
      properties: { p: { $ref: '#/$defs/P', description: 'The point.' } },
      $defs: { P: { type: 'object', properties: { x: { type: 'number' } } } },
    }
    assert.deepEqual(clean(schema, { schema_refs: 'inline' }), {
      type: 'object',
      properties: { p: { type: 'object', properties: { x: { type: 'number' } }, description: 'The point.' } },
    })
  })

  test('ends where it names itself, or where its references multiply', () => {
    const node = { type: 'object', properties: { child: { $ref: '#/$defs/Node' } } }
    const cleaned = clean(
      { $defs: { Node: node }, type: 'object', properties: { root: { $ref: '#/$defs/Node' } } },
      { schema_refs: 'inline' },
    )
    assert.ok(JSON.stringify(cleaned).includes('Nested: Node.'))
    const doubling = Object.fromEntries(
      Array.from({ length: 40 }, (_, level) => [
        `L${level}`,
        {
          type: 'object',
          properties: { a: { $ref: `#/$defs/L${level + 1}` }, b: { $ref: `#/$defs/L${level + 1}` } },
        },
      ]),
    )
    const bounded = clean(
      { type: 'object', properties: { a: { $ref: '#/$defs/L0' } }, $defs: doubling },
      { schema_refs: 'inline' },
    )
    assert.ok(JSON.stringify(bounded).length < 5_000_000)
  })

  test('gives an array without items, and an open object, a form that all servers take', () => {
    assert.deepEqual(inProperty({ type: 'array' }), { type: 'array', items: {} })
    assert.deepEqual(inProperty({ type: 'object', additionalProperties: {} }), {
      type: 'object',
      additionalProperties: true,
    })
  })

  test('is not changed itself', () => {
    const schema = {
      $schema: 'x',
      type: 'object',
      properties: { a: { oneOf: [{ const: 1 }], allOf: [{ minLength: 1 }] } },
    }
    const before = JSON.stringify(schema)
    clean(schema, { schema_refs: 'inline', schema_drop: ['const', 'allOf'], schema_one_of: 'any_of' })
    assert.equal(JSON.stringify(schema), before)
  })
})
