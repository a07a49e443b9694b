import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { toProviderSchema } from '../../lambda/convert/tool-schema.ts'
import { mergeQuirks } from '../../lambda/providers/merge-quirks.ts'
import { PROVIDERS } from '../../lambda/providers/table.ts'
import { cases } from '../harness/cases.ts'

const { quirks } = mergeQuirks(PROVIDERS.gemini, 'gemini-3-pro-preview')

/** What one property's schema becomes for Gemini. */
function property(schema: Record<string, unknown>): unknown {
  const root = toProviderSchema({ type: 'object', properties: { it: schema } }, quirks)
  return Object.values(root['properties'] ?? {})[0]
}

describe('a tool schema for Gemini', () => {
  test('has one type per node: null becomes nullable, several types become branches', () => {
    assert.deepEqual(property({ type: ['string', 'null'], description: 'd' }), {
      type: 'string',
      description: 'd',
      nullable: true,
    })
    assert.deepEqual(property({ type: ['null', 'array'], items: { type: ['object', 'null'] } }), {
      type: 'array',
      items: { type: 'object', nullable: true },
      nullable: true,
    })
    assert.deepEqual(property({ type: ['string', 'number'], description: 'd' }), {
      anyOf: [
        { description: 'd', type: 'string' },
        { description: 'd', type: 'number' },
      ],
    })
  })

  test('has nothing beside anyOf, and an optional is its type with nullable', () => {
    assert.deepEqual(
      property({ anyOf: [{ type: 'string', minLength: 1 }, { type: 'null' }], default: null, title: 'It' }),
      { title: 'It', type: 'string', minLength: 1, nullable: true, description: '(default: null)' },
    )
    assert.deepEqual(property({ description: 'd', oneOf: [{ type: 'string' }, { type: 'integer' }] }), {
      anyOf: [
        { description: 'd', type: 'string' },
        { description: 'd', type: 'integer' },
      ],
    })
    assert.deepEqual(
      property({
        type: 'object',
        properties: { a: { type: 'string' }, b: { type: 'string' } },
        anyOf: [{ required: ['a'] }, { required: ['b'] }],
      }),
      {
        anyOf: ['a', 'b'].map((name) => ({
          type: 'object',
          properties: { a: { type: 'string' }, b: { type: 'string' } },
          required: [name],
        })),
      },
    )
  })

  test('says in words what its keywords cannot', () => {
    assert.deepEqual(
      property({ type: 'integer', exclusiveMinimum: 0, multipleOf: 5, description: 'Steps.' }),
      {
        type: 'integer',
        description: 'Steps. (exclusiveMinimum: 0; multipleOf: 5)',
      },
    )
    assert.deepEqual(property({ type: 'string', not: { enum: ['x'] } }), {
      type: 'string',
      description: '(not: {"enum":["x"]})',
    })
    assert.deepEqual(property({ const: 'C' }), { enum: ['C'] })
    assert.deepEqual(property({ allOf: [{ type: 'string' }, { pattern: '^a' }] }), {
      type: 'string',
      pattern: '^a',
    })
  })

  test('stays of a size that can be sent, though unions within unions multiply', () => {
    let schema: Record<string, unknown> = { type: 'string' }
    for (let depth = 0; depth < 12; depth += 1) {
      schema = {
        type: 'object',
        properties: { it: schema },
        anyOf: Array.from({ length: 10 }, () => ({ required: ['it'] })),
      }
    }
    assert.ok(JSON.stringify(property(schema)).length < 10_000_000)
  })

  test('never holds a list of types, a sibling of anyOf or a dropped keyword, whatever comes in', () => {
    const type = fc.constantFrom('string', 'number', 'integer', 'boolean', 'null')
    const { node } = fc.letrec<{ node: Record<string, unknown> }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 3 },
        fc.record({ type }),
        fc.record({ type: fc.uniqueArray(type, { minLength: 1, maxLength: 3 }), description: fc.string() }),
        fc.record({ anyOf: fc.array(tie('node'), { minLength: 1, maxLength: 3 }), description: fc.string() }),
        fc.record({ oneOf: fc.array(tie('node'), { minLength: 1, maxLength: 3 }), not: tie('node') }),
        fc.record({ type: fc.constant('array'), items: tie('node'), uniqueItems: fc.boolean() }),
        fc.record({
          type: fc.constantFrom<unknown>('object', ['object', 'null']),
          properties: fc.dictionary(fc.constantFrom('a', 'b'), tie('node')),
          additionalProperties: fc.boolean(),
        }),
      ),
    }))
    fc.assert(
      fc.property(node, (schema) => checkNode(property(schema))),
      cases(500),
    )
  })
})

function checkNode(node: unknown): void {
  if (typeof node !== 'object' || node === null) return
  const schema: Record<string, unknown> = { ...node }
  assert.ok(!Array.isArray(schema['type']), 'a list of types')
  if (schema['anyOf'] !== undefined) assert.deepEqual(Object.keys(schema), ['anyOf'])
  for (const keyword of quirks.schema_drop) assert.ok(!(keyword in schema), keyword)
  for (const child of [schema['items'], ...(Array.isArray(schema['anyOf']) ? schema['anyOf'] : [])])
    checkNode(child)
  for (const child of Object.values(schema['properties'] ?? {})) checkNode(child)
}
