import { isSchema, type Schema } from './schema-keywords.ts'

/**
 * Unions as Gemini takes them. Its schema has one type per node ("Proto field is not repeating, cannot start list":
 * aoci-code#61 on the OpenAI form, 2026-09), and nothing may stand beside anyOf ("When using any_of, it must be the
 * only field set": ai-memory#735 on Vertex, 2026-09). So a list of types becomes branches, null becomes `nullable`,
 * and what stood beside anyOf moves into each branch. The meaning stays.
 */
export function toLoneUnions(schema: Schema): Schema {
  const node = listToBranches(schema)
  const union = ['anyOf', 'oneOf'].find((key) => Array.isArray(node[key]))
  const branches = union === undefined ? undefined : node[union]
  if (union === undefined || !Array.isArray(branches)) return node
  const { [union]: _, ...beside } = node
  const others = branches.filter((branch) => !isNull(branch))
  const nullable = others.length < branches.length || beside['nullable'] === true ? { nullable: true } : {}
  const full = others.map((branch) => (isSchema(branch) ? { ...both(beside, branch), ...nullable } : branch))
  const [only] = full
  // One branch is no union; it may hold another one.
  return full.length === 1 && isSchema(only) ? toLoneUnions(only) : { anyOf: full }
}

/** A branch with what stood beside the union. What only one of the two says stays; so does what adds up. */
function both(beside: Schema, branch: Schema): Schema {
  const merged: Schema = { ...beside, ...branch }
  const [outer, inner] = [beside['description'], branch['description']]
  if (typeof outer === 'string' && typeof inner === 'string') merged['description'] = `${outer} ${inner}`
  if (Array.isArray(beside['required']) && Array.isArray(branch['required'])) {
    merged['required'] = [...new Set([...beside['required'], ...branch['required']])]
  }
  if (isSchema(beside['properties']) && isSchema(branch['properties'])) {
    merged['properties'] = { ...beside['properties'], ...branch['properties'] }
  }
  return merged
}

/** `type: [a, b]` as branches of its own; a single one, with or without null, stays where it is. */
function listToBranches(node: Schema): Schema {
  const types = node['type']
  if (!Array.isArray(types)) return node
  const named = types.filter((type) => type !== 'null')
  const nullable = named.length < types.length ? { nullable: true } : {}
  // Beside an anyOf the branches name their own types.
  if (named.length > 1 && node['anyOf'] === undefined && node['oneOf'] === undefined) {
    const { type: _, ...rest } = node
    return { ...rest, ...nullable, anyOf: named.map((type) => ({ type })) }
  }
  const entries = Object.entries(node).flatMap(([key, value]) =>
    key !== 'type' ? [[key, value]] : named.length === 1 ? [[key, named[0]]] : [],
  )
  return { ...Object.fromEntries(entries), ...nullable }
}

function isNull(branch: unknown): boolean {
  return isSchema(branch) && (branch['type'] === 'null' || branch['const'] === null)
}
