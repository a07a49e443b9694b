import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { SCHEMA_FILE, toGatewaySchema } from '../../infra/schema.ts'

test('gateway.schema.json is what node infra/schema.ts writes', async () => {
  assert.ok((await readFile(SCHEMA_FILE, 'utf8')) === toGatewaySchema(), 'run: node infra/schema.ts')
})

test('the schema knows every section, and refuses unknown keys', () => {
  const schema = JSON.parse(toGatewaySchema())
  assert.deepEqual(Object.keys(schema.properties), [
    'providers',
    'models',
    'tiers',
    'default_model',
    'callers',
    'settings',
  ])
  assert.equal(schema.additionalProperties, false)
  assert.equal(schema.properties.models.additionalProperties.properties.target.pattern, '^[^/\\s]+\\/\\S+$')
})
