import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseConfiguration } from '../lambda/map/parse-configuration.ts'
import type { ConfigurationDraft } from '../lambda/map/takeover.ts'
import { fixedModelMap } from '../lambda/map/yaml-file.ts'
import { welcomeLines } from '../lambda/welcome-lines.ts'

async function linesOf(draft: ConfigurationDraft, keyed = false): Promise<string> {
  const map = fixedModelMap(parseConfiguration(draft), { environment: 'local', variables: {} })
  return (await welcomeLines({ url: 'http://127.0.0.1:1', origin: 'here', map, keyed })).join('\n')
}

describe('the lines at the start', () => {
  const models = { big: { target: 'nvidia/b' }, small: { target: 'nvidia/s' } }

  test('name a model for Claude Code only where its own names mean nothing', async () => {
    assert.match(await linesOf({ models }), /ANTHROPIC_MODEL=big ANTHROPIC_DEFAULT_HAIKU_MODEL=big claude/)
    const tiers = { haiku: 'small', sonnet: 'big', opus: 'big' }
    assert.match(await linesOf({ models, tiers }), /ANTHROPIC_AUTH_TOKEN=local claude/)
    assert.match(await linesOf({ models, default_model: 'big' }), /ANTHROPIC_AUTH_TOKEN=local claude/)
  })

  test('leave the key to the shell', async () => {
    assert.match(await linesOf({ models }, true), /-H "x-api-key: \$GATEWAY_KEY"/)
  })
})
