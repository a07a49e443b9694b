import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Provider } from '../../lambda/providers/provider.ts'
import { PartialQuirksSchema, QuirksSchema, STANDARD } from '../../lambda/providers/quirks.ts'
import {
  isProviderName,
  PROVIDER_ALIASES,
  PROVIDERS,
  resolveProviderName,
} from '../../lambda/providers/table.ts'

/** The names that the project promises (issue 4). */
const PROMISED = [
  'openai',
  'azure',
  'openrouter',
  'nvidia',
  'nebius',
  'glm',
  'minimax',
  'kimi',
  'deepseek',
  'gemini',
  'vertex',
  'groq',
  'mistral',
  'xai',
  'qwen',
  'cerebras',
  'together',
  'fireworks',
  'perplexity',
  'huggingface',
  'bedrock',
  'ollama',
  'lmstudio',
  'llamacpp',
  'vllm',
  'sglang',
  'anthropic',
  'demo',
]

const RECORDS: [string, Provider][] = Object.entries(PROVIDERS)

describe('the provider table', () => {
  test('has a record for every promised name', () => {
    for (const name of PROMISED) assert.ok(isProviderName(name), name)
  })

  test('has a standard that its own schema accepts, with every field', () => {
    assert.deepEqual(QuirksSchema.parse(STANDARD), STANDARD)
  })

  for (const [name, record] of RECORDS) {
    test(`${name}: quirks are valid, for the record and for each exception`, () => {
      PartialQuirksSchema.parse(record.quirks)
      for (const { match, quirks } of record.models ?? []) {
        assert.doesNotThrow(() => PartialQuirksSchema.parse(quirks ?? {}), match)
      }
    })

    test(`${name}: says how we know, with a date, for the record and for each exception`, () => {
      assert.ok(record.source.length > 0)
      if (name !== 'demo') assert.match(record.source, /2026-1\d|unverified/)
      for (const { match, source } of record.models ?? []) assert.ok(source.length > 0, match)
    })

    test(`${name}: the address is a URL once its options are filled, and ends without a slash`, () => {
      const filled = (record.base_url + record.path).replace(/\{[a-z_]+\}/g, 'x')
      assert.ok(URL.canParse(filled), filled)
      assert.doesNotMatch(record.base_url, /\/$/)
      if (record.path !== '') assert.match(record.path, /^\//)
      for (const option of Object.keys(record.options ?? {})) {
        assert.ok((record.base_url + record.path).includes(`{${option}}`), `option ${option} stands nowhere`)
      }
    })

    test(`${name}: limits are whole and positive`, () => {
      for (const limits of [record, ...(record.models ?? [])]) {
        for (const value of [limits.context_window, limits.max_output_tokens]) {
          assert.ok(value === undefined || (Number.isInteger(value) && value > 0))
        }
      }
    })
  }

  test('never sends a hosted provider anything in the clear', () => {
    for (const [name, record] of RECORDS) {
      const { protocol, hostname } = new URL((record.base_url + record.path).replace(/\{[a-z_]+\}/g, 'x'))
      if (protocol === 'http:') assert.equal(hostname, 'localhost', name)
    }
  })

  test('resolves every alias to a record, and shadows none', () => {
    for (const [alias, name] of Object.entries(PROVIDER_ALIASES)) {
      assert.equal(resolveProviderName(alias), name)
      assert.equal(isProviderName(alias), false, `${alias} is a record of its own`)
    }
  })

  test('resolves names in any case, and refuses what every object has', () => {
    assert.equal(resolveProviderName('DeepSeek'), 'deepseek')
    assert.equal(resolveProviderName('Moonshot'), 'kimi')
    assert.equal(resolveProviderName('nvida'), undefined)
    assert.equal(resolveProviderName('constructor'), undefined)
    assert.equal(resolveProviderName('__proto__'), undefined)
  })
})
