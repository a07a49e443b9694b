import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { GatewayError } from '../../lambda/errors.ts'
import { ConfigurationError } from '../../lambda/map/configuration-error.ts'
import { createModelMap } from '../../lambda/map/create-model-map.ts'
import { fromDocuments, toDocuments } from '../../lambda/map/map-documents.ts'
import { type MapRow, ROW_KINDS } from '../../lambda/map/map-rows.ts'
import { parseConfiguration } from '../../lambda/map/parse-configuration.ts'
import { parseYamlConfiguration } from '../../lambda/map/yaml-file.ts'
import { cases } from '../harness/cases.ts'

/** Words that mean something here, among words that mean nothing. */
const word = fc.oneof(
  fc.constantFrom(
    'glm',
    'demo',
    'openai/gpt',
    'demo/x',
    'claude-haiku-4',
    'sonnet[1m]',
    '*',
    'gpt-*',
    '',
    ' ',
    '/',
    ':',
    'a/',
  ),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', 'providers', 'models'),
  fc.string({ maxLength: 12 }),
)

/** JSON that often has the right shape and seldom the right content. */
const entry = fc.dictionary(
  fc.oneof(
    fc.constantFrom(
      'target',
      'targets',
      'fallbacks',
      'vision',
      'base_url',
      'type',
      'key',
      'quirks',
      'headers',
    ),
    word,
  ),
  fc.oneof(word, fc.array(word, { maxLength: 3 }), fc.jsonValue({ maxDepth: 2 })),
  { maxKeys: 4 },
)
const configuration = fc.dictionary(
  fc.oneof(fc.constantFrom('providers', 'models', 'tiers', 'default_model', 'callers', 'settings'), word),
  fc.oneof(
    fc.dictionary(word, entry, { maxKeys: 4 }),
    fc.dictionary(word, word, { maxKeys: 3 }),
    word,
    fc.jsonValue({ maxDepth: 2 }),
  ),
  { maxKeys: 5 },
)

/** Nothing but the named error may come out. */
function only<Result>(
  kind: typeof ConfigurationError | typeof GatewayError,
  act: () => Result,
): Result | undefined {
  try {
    return act()
  } catch (thrown) {
    assert.ok(thrown instanceof kind, String(thrown))
    return undefined
  }
}

describe('hostile configurations', () => {
  test('are refused with a ConfigurationError, or are whole', () => {
    fc.assert(
      fc.property(configuration, word, (raw, name) => {
        const parsed = only(ConfigurationError, () => parseConfiguration(raw))
        if (parsed === undefined) return
        const map = createModelMap(parsed, { environment: 'aws', variables: {} })
        only(GatewayError, () => map.resolve(name))
        only(GatewayError, () => map.resolve(name, name))
      }),
      cases(150),
    )
  })

  test('as any text of YAML are refused with a ConfigurationError', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'a:{}[]-&*!|>\n\t "\'#,1'), maxLength: 40 }),
        (text) => {
          only(ConfigurationError, () => parseYamlConfiguration(text))
        },
      ),
      cases(150),
    )
  })

  test('as rows of the table never throw, and the rest resolves', () => {
    const row = fc.record({
      kind: fc.constantFrom(...ROW_KINDS),
      name: word,
      document: fc.oneof(
        entry.map((value) => JSON.stringify(value)),
        fc.json(),
        word,
      ),
      version: fc.nat(),
      updatedAt: fc.constant(''),
      updatedBy: fc.constant(''),
    })
    const good: MapRow = {
      kind: 'model',
      name: 'a good one',
      document: '{"target":"openai/gpt-5"}',
      version: 1,
      updatedAt: '',
      updatedBy: '',
    }
    fc.assert(
      fc.property(fc.array(row, { maxLength: 8 }), word, (rows, name) => {
        const others = rows.filter((each) => each.kind !== 'provider' || each.name !== 'openai')
        const { configuration: read, problems } = fromDocuments([...others, good])
        const map = createModelMap(read, { environment: 'aws', variables: {}, problems })
        only(GatewayError, () => map.resolve(name))
        assert.equal(map.resolve('a good one').targets[0].model, 'gpt-5')
      }),
      cases(150),
    )
  })

  test('that are right come back from the table as they went in', () => {
    const model = fc.record({ target: fc.constantFrom('demo/x', 'openai/gpt-5', 'nvidia/z-ai/glm4.7') })
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ minLength: 1, maxLength: 8 }).filter((name) => name.trim() === name),
          model,
        ),
        (models) => {
          const parsed = parseConfiguration({ models })
          const rows = toDocuments(parsed).map(({ kind, name, document }) => ({
            kind,
            name,
            document: JSON.stringify(document),
            version: 1,
            updatedAt: '',
            updatedBy: '',
          }))
          const { configuration: read, problems } = fromDocuments(rows)
          assert.equal(problems.size, 0)
          assert.deepEqual(read, { ...parsed, default_model: undefined, callers: undefined })
        },
      ),
      cases(150),
    )
  })
})
