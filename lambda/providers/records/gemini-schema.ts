import type { PartialQuirks } from '../quirks.ts'

/**
 * Tool schemas as Gemini takes them, at Google and behind every gateway to it: its Schema type knows no other keywords
 * than those that are left, one type per node, and strings in enums. The predecessors' Gemini rule is a part of this.
 * Sources: pydantic-ai GoogleJsonSchemaTransformer, which it also uses for OpenRouter; aoci-code#61, ai-memory#735,
 * google_workspace_mcp#1099 (2026-09).
 */
export const GEMINI_SCHEMA: PartialQuirks = {
  schema_drop: [
    '$schema',
    '$id',
    '$anchor',
    '$comment',
    'additionalProperties',
    'additionalItems',
    'allOf',
    'const',
    'contains',
    'contentEncoding',
    'contentMediaType',
    'default',
    'dependentRequired',
    'dependentSchemas',
    'deprecated',
    'else',
    'examples',
    'exclusiveMaximum',
    'exclusiveMinimum',
    'if',
    'maxContains',
    'minContains',
    'multipleOf',
    'not',
    'patternProperties',
    'prefixItems',
    'propertyNames',
    'readOnly',
    'then',
    'unevaluatedItems',
    'unevaluatedProperties',
    'uniqueItems',
    'writeOnly',
  ],
  schema_formats: ['enum', 'date-time'],
  schema_one_of: 'any_of',
  schema_unions: 'lone',
  schema_refs: 'inline',
  schema_string_enums: true,
}
