import { isSchema, mapSubschemas, type Schema } from './schema-keywords.ts'

/** A schema that names itself, or defs that multiply, would never end: past these limits a part is left open. */
const MOST_NODES = 10_000
const MOST_NESTED_REFS = 32

/** The schema with every local `$ref` replaced by what it names, without `$defs`. */
export function inlineRefs(root: Schema): Schema {
  let nodes = 0
  const visit = (schema: unknown, open: readonly string[]): unknown => {
    if (!isSchema(schema)) return schema
    nodes += 1
    if (nodes > MOST_NODES) return {}
    const ref = schema['$ref']
    if (typeof ref !== 'string') return walk(schema, open)
    const target = resolveRef(root, ref)
    if (target === undefined || open.includes(ref) || open.length >= MOST_NESTED_REFS) {
      const { $ref: _, ...rest } = schema
      return { ...walk(rest, open), description: `Nested: ${refName(ref)}.` }
    }
    const { $ref: _, ...beside } = schema
    return walk({ ...target, ...beside }, [...open, ref])
  }
  const walk = (schema: Schema, open: readonly string[]): Schema =>
    Object.fromEntries(
      Object.entries(schema)
        .filter(([key]) => key !== '$defs' && key !== 'definitions' && key !== '__proto__')
        .map(([key, value]) => [key, mapSubschemas(key, value, (inner) => visit(inner, open))]),
    )
  const inlined = visit(root, [])
  return isSchema(inlined) ? inlined : {}
}

/** What `#/$defs/Name` names; undefined for another document. */
export function resolveRef(root: Schema, ref: string): Schema | undefined {
  if (ref === '#') return root
  if (!ref.startsWith('#/')) return undefined
  let found: unknown = root
  for (const step of ref.slice(2).split('/')) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~')
    if (Array.isArray(found)) found = found[Number(key)]
    else if (isSchema(found) && Object.hasOwn(found, key)) found = found[key]
    else return undefined
  }
  return isSchema(found) ? found : undefined
}

function refName(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1) || 'the whole'
}
