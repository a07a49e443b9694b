import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, test } from 'node:test'
import { QuirksSchema } from '../../lambda/providers/quirks.ts'
import { PROVIDERS } from '../../lambda/providers/table.ts'

const LAMBDA = path.resolve(import.meta.dirname, '../../lambda')

/** Code that handles quirks at all, without the table itself and without comments. */
const READERS = globSync('**/*.ts', { cwd: LAMBDA })
  .filter((file) => !file.startsWith('providers'))
  .map((file) => readFileSync(path.join(LAMBDA, file), 'utf8'))
  .filter((code) => /quirks/i.test(code))
  .map((code) => code.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''))

describe('a quirk', () => {
  for (const field of Object.keys(QuirksSchema.shape)) {
    test(`${field} is read by code outside the table`, () => {
      const read = new RegExp(`(\\.|\\{|,|\\?\\.|')\\s*${field}\\b`)
      assert.ok(
        READERS.some((code) => read.test(code)),
        `nothing in lambda/ reads ${field}`,
      )
    })
  }
})

describe('the name of a provider', () => {
  test('decides nothing outside lambda/providers/', () => {
    const names = Object.keys(PROVIDERS).join('|')
    const condition = new RegExp(`(provider|name|type)\\s*(===|!==)\\s*'(${names})'`)
    for (const file of globSync('**/*.ts', { cwd: LAMBDA })) {
      if (file.startsWith('providers')) continue
      const code = readFileSync(path.join(LAMBDA, file), 'utf8')
      assert.doesNotMatch(code, condition, file)
    }
  })
})
