/** OpenAI's rules for the JSON Schemas inside a Chat Completions request (error texts of its server, 2025-11). */

export type Json = Record<string, unknown>

/** Notes `text` when the rule does not hold. */
export type Rule = (holds: boolean, text: string) => void

export function checkRoot(schema: unknown, path: string, rule: Rule): void {
  if (!isJson(schema)) {
    rule(false, `${path}: not an object`)
    return
  }
  rule(schema['type'] === 'object', `${path}: the root's type is not object`)
  rule(isJson(schema['properties']), `${path}: object schema missing properties`)
  for (const keyword of ['anyOf', 'oneOf', 'allOf', 'not', 'enum', '$ref']) {
    rule(!(keyword in schema), `${path}: ${keyword} at the root`)
  }
  checkSchema(schema, path, rule)
}

const LISTS = ['anyOf', 'oneOf', 'allOf', 'prefixItems']
const MAPS = ['properties', '$defs', 'definitions', 'patternProperties']

function checkSchema(schema: unknown, path: string, rule: Rule): void {
  if (typeof schema === 'boolean') return
  if (!isJson(schema)) {
    rule(false, `${path}: not a schema`)
    return
  }
  rule(!('$schema' in schema), `${path}: $schema`)
  const type = schema['type']
  if (type === 'array')
    rule('items' in schema || 'prefixItems' in schema, `${path}: array schema missing items`)
  const required = schema['required']
  rule(
    required === undefined || (Array.isArray(required) && required.every((one) => typeof one === 'string')),
    `${path}.required`,
  )
  for (const key of LISTS) {
    const list = schema[key]
    if (Array.isArray(list))
      for (const [index, inner] of list.entries()) checkSchema(inner, `${path}.${key}.${index}`, rule)
  }
  for (const key of MAPS) {
    const map = schema[key]
    if (isJson(map))
      for (const [name, inner] of Object.entries(map)) checkSchema(inner, `${path}.${key}.${name}`, rule)
  }
  for (const key of ['items', 'additionalProperties', 'not', 'propertyNames']) {
    const inner = schema[key]
    if (isJson(inner)) checkSchema(inner, `${path}.${key}`, rule)
  }
}

export function checkStrict(schema: unknown, path: string, rule: Rule): void {
  if (!isJson(schema)) return
  const properties = schema['properties']
  if (isJson(properties)) {
    rule(schema['additionalProperties'] === false, `${path}: strict without additionalProperties: false`)
    rule(
      same(schema['required'], Object.keys(properties)),
      `${path}: strict, but not every field is required`,
    )
    for (const [name, inner] of Object.entries(properties)) checkStrict(inner, `${path}.${name}`, rule)
  }
  for (const keyword of ['oneOf', 'allOf', 'not', 'default', 'patternProperties'])
    rule(!(keyword in schema), `${path}: strict with ${keyword}`)
  for (const inner of [schema['items'], ...(Array.isArray(schema['anyOf']) ? schema['anyOf'] : [])])
    checkStrict(inner, `${path}.items`, rule)
}

export function same(first: unknown, second: unknown): boolean {
  return JSON.stringify(first) === JSON.stringify(second)
}

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
