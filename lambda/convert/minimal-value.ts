import { isRecord } from './block-fields.ts'

type Schema = Readonly<Record<string, unknown>>

/** Deeper schemas are cut: a schema may refer to itself. */
const DEEPEST = 8

/**
 * A small value that satisfies a JSON Schema's types and required properties: what the demo model fills tool inputs
 * with. Constraints on text (`pattern`, `format`) are not tried.
 */
export function toMinimalValue(schema: unknown, root: unknown = schema, depth = 0): unknown {
  if (!isRecord(schema) || depth > DEEPEST) return {}
  if ('const' in schema) return schema['const']
  if ('default' in schema) return schema['default']
  const [firstOfEnum] = listOf(schema['enum'])
  if (firstOfEnum !== undefined) return firstOfEnum
  if (typeof schema['$ref'] === 'string')
    return toMinimalValue(referred(schema['$ref'], root), root, depth + 1)
  const branch = listOf(schema['anyOf'])[0] ?? listOf(schema['oneOf'])[0]
  if (branch !== undefined) return toMinimalValue(branch, root, depth + 1)
  const parts = listOf(schema['allOf']).map((part) => toMinimalValue(part, root, depth + 1))
  if (parts.length > 0 && parts.every(isRecord))
    return Object.assign({}, ...parts, toMinimalObject(schema, root, depth))
  return toMinimalOfType(typeOf(schema), schema, root, depth)
}

function toMinimalOfType(type: string, schema: Schema, root: unknown, depth: number): unknown {
  switch (type) {
    case 'string':
      return 'demo'
        .padEnd(numberOf(schema['minLength'], 0), '.')
        .slice(0, numberOf(schema['maxLength'], 1000))
    case 'integer':
    case 'number':
      return toMinimalNumber(schema)
    case 'boolean':
      return false
    case 'null':
      return null
    case 'array':
      return Array.from({ length: Math.min(numberOf(schema['minItems'], 0), 100) }, () =>
        toMinimalValue(schema['items'], root, depth + 1),
      )
    default:
      return toMinimalObject(schema, root, depth)
  }
}

function toMinimalObject(schema: Schema, root: unknown, depth: number): Record<string, unknown> {
  const properties = isRecord(schema['properties']) ? schema['properties'] : {}
  const value: Record<string, unknown> = {}
  for (const name of listOf(schema['required'])) {
    if (typeof name !== 'string') continue
    const property = Object.hasOwn(properties, name) ? properties[name] : { type: 'string' }
    Object.defineProperty(value, name, {
      value: toMinimalValue(property, root, depth + 1),
      enumerable: true,
      configurable: true,
      writable: true,
    })
  }
  return value
}

function toMinimalNumber(schema: Schema): number {
  const least = Math.max(numberOf(schema['minimum'], 0), numberOf(schema['exclusiveMinimum'], -1) + 1)
  return Math.min(least, numberOf(schema['maximum'], least))
}

function typeOf(schema: Schema): string {
  const { type } = schema
  if (typeof type === 'string') return type
  return String(listOf(type)[0] ?? 'object')
}

/** `#/$defs/Name` within the same schema. */
function referred(reference: string, root: unknown): unknown {
  if (!reference.startsWith('#')) return {}
  let value: unknown = root
  for (const part of reference.slice(1).split('/').filter(Boolean)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
    value = isRecord(value) && Object.hasOwn(value, name) ? value[name] : {}
  }
  return value
}

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
