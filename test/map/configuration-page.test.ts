import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { COMMANDS } from '../../infra/cli/main.ts'
import {
  ConfigurationSchema,
  ModelEntrySchema,
  ProviderEntrySchema,
  SettingsSchema,
  TimeoutsSchema,
} from '../../lambda/map/configuration.ts'
import { parseYamlConfiguration } from '../../lambda/map/yaml-file.ts'

function read(page: string): string {
  return readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8')
}

describe('the pages for operators', () => {
  test('name every field of the configuration', () => {
    const page = read('docs/configuration.md')
    const fields = [
      ConfigurationSchema,
      ModelEntrySchema,
      ProviderEntrySchema,
      SettingsSchema,
      TimeoutsSchema,
    ].flatMap(({ shape }) => Object.keys(shape))
    assert.deepEqual(
      fields.filter((field) => !page.includes(`\`${field}\``)),
      [],
    )
  })

  for (const page of [
    'README.md',
    'docs/configuration.md',
    'docs/providers.md',
    'docs/migrate.md',
    'docs/access.md',
  ]) {
    test(`show configurations that config check accepts: ${page}`, () => {
      const examples = [...read(page).matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, text = '']) => text)
      for (const example of examples) parseYamlConfiguration(example, page)
    })
  }

  test('name every command', () => {
    const page = read('docs/operate.md')
    const missing = COMMANDS.map(({ noun, verb }) => (verb === undefined ? noun : `${noun} ${verb}`)).filter(
      (command) => !page.includes(`\`${command}`),
    )
    assert.deepEqual(missing, [])
  })
})
