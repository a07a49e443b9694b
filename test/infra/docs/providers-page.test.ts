import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { PROVIDERS_PAGE, providersPage } from '../../../infra/docs/providers-page.ts'
import { parseYamlConfiguration } from '../../../lambda/map/yaml-file.ts'
import { QuirksSchema } from '../../../lambda/providers/quirks.ts'
import { PROVIDERS } from '../../../lambda/providers/table.ts'

describe('docs/providers.md', () => {
  test('is what the records say now (else run: node infra/docs/providers-page.ts)', () => {
    assert.equal(readFileSync(PROVIDERS_PAGE, 'utf8'), providersPage())
  })

  test('has a line and a section for every provider, and a line for every quirk', () => {
    const page = providersPage()
    for (const name of Object.keys(PROVIDERS)) {
      assert.ok(page.includes(`\n| \`${name}\` |`), name)
      assert.ok(page.includes(`\n### ${name}\n`), name)
    }
    for (const field of Object.keys(QuirksSchema.shape)) assert.ok(page.includes(`\n| \`${field}\` |`), field)
  })

  test('shows a configuration that is accepted', () => {
    const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(providersPage()) ?? []
    const { models } = parseYamlConfiguration(yaml)
    assert.equal(models['local-qwen']?.quirks?.images, 'none')
  })

  test('has rows of equal width in every table', () => {
    const columns = (line: string) => line.replaceAll('\\|', '').split('|').length
    let head = 0
    for (const line of providersPage().split('\n')) {
      if (!line.startsWith('|')) head = 0
      else if (head === 0) head = columns(line)
      else assert.equal(columns(line), head, line)
    }
  })
})
