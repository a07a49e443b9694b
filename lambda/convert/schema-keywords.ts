/** Where JSON Schema keywords hold further schemas. Everything else is a value. */
export const SCHEMA_MAPS: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas',
])
export const SCHEMA_LISTS: ReadonlySet<string> = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems'])
export const SINGLE_SCHEMAS: ReadonlySet<string> = new Set([
  'items',
  'additionalItems',
  'additionalProperties',
  'contains',
  'not',
  'if',
  'then',
  'else',
  'propertyNames',
  'unevaluatedItems',
  'unevaluatedProperties',
])

/** Keywords that say nothing to a model when they go. */
export const SILENT_KEYWORDS: ReadonlySet<string> = new Set([
  '$schema',
  '$id',
  'id',
  '$anchor',
  '$comment',
  '$vocabulary',
  '$defs',
  'definitions',
  'title',
  'strict',
  'unevaluatedProperties',
])

export type Schema = Record<string, unknown>

/** JSON Schema's maps and lists are walked with this: `visit` gets every schema directly inside `schema`. */
export function mapSubschemas(key: string, value: unknown, visit: (schema: unknown) => unknown): unknown {
  if (SCHEMA_MAPS.has(key) && isSchema(value)) return mapValues(value, visit)
  if (SCHEMA_LISTS.has(key) && Array.isArray(value)) return value.map(visit)
  if (SINGLE_SCHEMAS.has(key)) {
    if (Array.isArray(value)) return value.map(visit)
    if (isSchema(value)) return visit(value)
  }
  return value
}

export function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Keeps the order; a field named `__proto__` stays out, since assigning it would change the object itself. */
export function mapValues(record: Schema, change: (value: unknown) => unknown): Schema {
  return Object.fromEntries(
    Object.entries(record)
      .filter(([key]) => key !== '__proto__')
      .map(([key, value]) => [key, change(value)]),
  )
}

/** Adds notes to a schema's description, where a model reads them. */
export function describe(schema: Schema, notes: readonly string[]): Schema {
  if (notes.length === 0) return schema
  const description = typeof schema['description'] === 'string' ? `${schema['description']} ` : ''
  return { ...schema, description: `${description}(${notes.join('; ')})` }
}
