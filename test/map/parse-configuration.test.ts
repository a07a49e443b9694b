import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ConfigurationError } from '../../lambda/map/configuration-error.ts'
import { parseConfiguration } from '../../lambda/map/parse-configuration.ts'
import { parseYamlConfiguration } from '../../lambda/map/yaml-file.ts'

/** The lines of the refusal, without the origin. */
function refusal(raw: unknown): string[] {
  try {
    parseConfiguration(raw)
  } catch (thrown) {
    assert.ok(thrown instanceof ConfigurationError, String(thrown))
    return thrown.message
      .replace(/^configuration: /, '')
      .split('\n')
      .map((line) => line.trim())
  }
  return []
}

describe('a configuration that is right', () => {
  test('is read with every field of the design', () => {
    const configuration = parseYamlConfiguration(`
providers:
  demo:
  office:
    type: openai
    base_url: http://10.0.0.5:8000/v1
    key: env:OFFICE_KEY
    headers: { X-Team: platform }
    timeouts: { first_byte_seconds: 120, idle_seconds: 120 }
    quirks: { max_tokens_field: max_tokens }
models:
  glm:
    target: office/z-ai/glm4.7
    display_name: GLM 4.7
    fallbacks: [demo/demo]
    vision: office/Qwen/Qwen2.5-VL-72B-Instruct
    context_window: 200000
    max_output_tokens: 32000
    parameters: { temperature: 0.6 }
tiers: { haiku: glm, sonnet: glm, opus: glm, fable: glm, mythos: glm }
default_model: glm
callers:
  - match: "arn:aws:sts::*:assumed-role/AWSReservedSSO_Developers_*/*"
    models: ["*"]
`)
    assert.deepEqual(configuration.providers['demo'], {})
    assert.equal(configuration.models['glm']?.target, 'office/z-ai/glm4.7')
    assert.equal(configuration.callers?.length, 1)
  })

  test('may be empty, and may leave sections empty', () => {
    assert.deepEqual(parseConfiguration(null).models, {})
    assert.deepEqual(parseYamlConfiguration('models:\nproviders:\ntiers:\n').models, {})
    assert.deepEqual(parseYamlConfiguration('').models, {})
  })

  test('may be JSON, which is YAML', () => {
    assert.equal(parseYamlConfiguration('{"models":{"a":{"target":"demo/x"}}}').models['a']?.target, 'demo/x')
  })
})

describe('a configuration that is wrong', () => {
  const cases: [string, unknown, string[]][] = [
    [
      'an unknown provider, with the nearest one',
      { providers: { nvidia: { type: 'openai' } }, models: { glm: { target: 'nvida/z-ai/glm4.7' } } },
      ['models.glm.target: unknown provider "nvida"; did you mean "nvidia"?'],
    ],
    [
      'an unknown provider that is near to nothing',
      { models: { glm: { target: 'quux-and-more/z' } } },
      ['models.glm.target: unknown provider "quux-and-more"; add it under providers'],
    ],
    [
      'an unknown provider in fallbacks, vision and targets',
      {
        models: {
          a: { target: 'demo/x', fallbacks: ['demo/y', 'dmo/y'], vision: 'deemo/v' },
          b: { targets: [{ target: 'demmo/x', weight: 1 }] },
        },
      },
      [
        'models.a.fallbacks[1]: unknown provider "dmo"; did you mean "demo"?',
        'models.a.vision: unknown provider "deemo"; did you mean "demo"?',
        'models.b.targets[0].target: unknown provider "demmo"; did you mean "demo"?',
      ],
    ],
    [
      'a provider of its own without an address',
      { providers: { offce: {} } },
      ['providers.offce: unknown provider "offce"; a server of your own needs base_url'],
    ],
    [
      'an unknown type',
      { providers: { office: { type: 'openia', base_url: 'http://a/v1' } } },
      ['providers.office.type: unknown provider "openia"; did you mean "openai"?'],
    ],
    [
      'unknown keys at every depth, with the nearest one',
      {
        model: {},
        models: { glm: { target: 'demo/x', max_output_token: 5 } },
        providers: { demo: { quirks: { max_token_field: 'max_tokens' }, timeouts: { idle: 3 } } },
      },
      [
        'providers.demo.timeouts.idle: unknown key',
        'providers.demo.quirks.max_token_field: unknown key; did you mean "max_tokens_field"?',
        'models.glm.max_output_token: unknown key; did you mean "max_output_tokens"?',
        'model: unknown key; did you mean "models"?',
      ],
    ],
    [
      'a wrong word',
      { models: { glm: { target: 'demo/x', image_mode: 'latest_only' } } },
      ['models.glm.image_mode: unknown value "latest_only"; did you mean "latest-only"?'],
    ],
    [
      'wrong types',
      { models: { glm: { target: 5, context_window: '200k' } }, callers: [{ match: '*' }] },
      [
        'models.glm.target: must be string, not number',
        'models.glm.context_window: must be number, not string',
        'callers[0].models: is missing (array)',
      ],
    ],
    [
      'a key that stands in the file itself',
      { providers: { demo: { key: 'sk-123456' } } },
      ['providers.demo.key: a key is env:NAME, secret:NAME, secret:NAME#FIELD or none; never the key itself'],
    ],
    [
      'an address that is none',
      { providers: { office: { base_url: '10.0.0.5:8000' } } },
      ['providers.office.base_url: must be a URL that begins with http:// or https://'],
    ],
    [
      'a time beyond what timers hold',
      { settings: { ping_seconds: 1e9 } },
      ['settings.ping_seconds: Too big: expected number to be <=2000000'],
    ],
    ['a model without a target', { models: { glm: {} } }, ['models.glm: needs target: PROVIDER/MODEL']],
    [
      'a target without a model',
      { models: { glm: { target: 'demo' } } },
      ['models.glm.target: a target is PROVIDER/MODEL'],
    ],
    [
      'a target and targets',
      { models: { glm: { target: 'demo/x', targets: [{ target: 'demo/y', weight: 1 }] } } },
      ['models.glm.targets: stands instead of target; keep one of the two'],
    ],
    [
      'limits that cross',
      { models: { glm: { target: 'demo/x', min_output_tokens: 9, max_output_tokens: 5 } } },
      ['models.glm.min_output_tokens: is more than max_output_tokens (5)'],
    ],
    [
      'tiers and a default that name nothing',
      {
        models: { glm: { target: 'demo/x' } },
        tiers: { haiku: 'gml', opuss: 'glm' },
        default_model: 'kimi-k2',
      },
      ['tiers.opuss: unknown key; did you mean "opus"?'],
    ],
    [
      'a tier and a default that name nothing',
      { models: { glm: { target: 'demo/x' } }, tiers: { haiku: 'gml' }, default_model: 'kimi-k2' },
      [
        'tiers.haiku: unknown model "gml"; did you mean "glm"?',
        'default_model: unknown model "kimi-k2"; it is no alias and no PROVIDER/MODEL',
      ],
    ],
    [
      'an option that the address needs',
      { providers: { office: { base_url: 'http://a/v1', path: '/{project}/chat' } } },
      ['providers.office.options.project: is needed: the address of this provider holds {project}'],
    ],
    [
      'headers that HTTP refuses',
      { providers: { demo: { headers: { 'X Team': 'a', 'X-Line': 'a\nb' } } } },
      [
        'providers.demo.headers["X Team"]: this is no HTTP header name',
        'providers.demo.headers.X-Line: a header value holds no line breaks or control characters',
      ],
    ],
    [
      'a provider name with a slash',
      { providers: { 'a/b': { base_url: 'http://a' } } },
      ['providers.a/b: a provider name is one word without "/" and ":"; targets begin with it'],
    ],
    ['something that is no configuration', 'hello', ['must be object, not string']],
    ['a list', [1], ['must be object, not array']],
    [
      'names that every object has',
      { models: { glm: { target: 'constructor/x' } }, default_model: 'toString' },
      [
        'models.glm.target: unknown provider "constructor"; add it under providers',
        'default_model: unknown model "toString"; it is no alias and no PROVIDER/MODEL',
      ],
    ],
  ]
  for (const [name, raw, lines] of cases) {
    test(`says so: ${name}`, () => assert.deepEqual(refusal(raw), lines))
  }

  test('names the line of a YAML file', () => {
    assert.throws(() => parseYamlConfiguration('models:\n  glm:\n    target: dmo/x\n', 'my.yaml'), {
      message: 'my.yaml: models.glm.target: unknown provider "dmo"; did you mean "demo"? (line 3)',
    })
  })

  test('names the place where YAML itself is broken', () => {
    assert.throws(() => parseYamlConfiguration('models: {a: [}\n'), /gateway\.yaml: line 1, column \d+: /)
  })

  test('says of a star without quotes what to do', () => {
    for (const text of [
      'callers: [{ match: *, models: [*] }]',
      'models:\n  *: { target: demo/x }',
      'default_model: *glm',
    ]) {
      assert.throws(
        () => parseYamlConfiguration(text),
        (thrown) => {
          assert.ok(thrown instanceof ConfigurationError)
          assert.match(thrown.message, /a star stands in quotes: "\*"/)
          return true
        },
      )
    }
  })

  test('refuses a key that stands twice', () => {
    assert.throws(
      () => parseYamlConfiguration('models:\n  a: {target: demo/x}\n  a: {target: demo/y}\n'),
      /line 3/,
    )
  })

  test('refuses a YAML bomb instead of unfolding it', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
      .split('')
      .map((name, index) => `${name}: &${name} [${`*${'abcdefgh'[index]},`.repeat(9)}]`)
      .join('\n')}`
    assert.throws(() => parseYamlConfiguration(bomb))
  })
})
