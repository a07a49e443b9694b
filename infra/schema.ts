import { writeFile } from 'node:fs/promises'
import * as z from 'zod'
import { ConfigurationSchema } from '../lambda/map/configuration.ts'
import { PROVIDER_ALIASES, PROVIDERS } from '../lambda/providers/table.ts'

/** Where editors find it: the first line of a gateway.yaml names it. */
export const SCHEMA_FILE = new URL('../gateway.schema.json', import.meta.url)

/** The JSON Schema of `gateway.yaml`, for completion and checks in editors. */
export function toGatewaySchema(): string {
  const schema = z.toJSONSchema(ConfigurationSchema, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      // Editors offer the records' names; a name of one's own is as right where a base_url stands beside it.
      if (zodSchema === ConfigurationSchema.shape.providers) {
        jsonSchema.propertyNames = {
          anyOf: [{ enum: Object.keys(PROVIDERS) }, { type: 'string', pattern: '^[^/:\\s]+$' }],
        }
      }
    },
  })
  const titled = {
    $schema: schema.$schema,
    title: 'gateway.yaml of Messages Lambda',
    description: `Providers of the table: ${Object.keys(PROVIDERS).join(', ')}. Also known as: ${Object.keys(PROVIDER_ALIASES).join(', ')}.`,
    ...schema,
  }
  return `${JSON.stringify(titled, null, 2)}\n`
}

if (import.meta.main) {
  await writeFile(SCHEMA_FILE, toGatewaySchema())
  console.log('gateway.schema.json is written.')
}
