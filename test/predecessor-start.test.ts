import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { startGatewayProcess } from './harness/gateway-process.ts'
import { startScriptedUpstream } from './harness/scripted-upstream.ts'

const ANSWER = {
  steps: [
    `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { role: 'assistant', content: 'Hello.' }, finish_reason: 'stop' }] })}\n\n`,
    'data: [DONE]\n\n',
  ],
}

describe('npm start where a predecessor ran', () => {
  /** What the provider is asked when Claude Code's haiku is asked for. */
  async function ask(
    how: (address: string) => { files?: Record<string, string>; environment?: Record<string, string> },
  ) {
    const upstream = await startScriptedUpstream()
    upstream.always(ANSWER)
    const gateway = await startGatewayProcess(how(upstream.origin))
    try {
      const answer = await fetch(`${gateway.url}/v1/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'claude-haiku-4-5',
          max_tokens: 50,
          messages: [{ role: 'user', content: 'Hi' }],
        }),
      })
      assert.equal(answer.status, 200, gateway.output())
      const { path, headers, json } = await upstream.request()
      return {
        path,
        key: headers['authorization'],
        model: json()['model'],
        team: headers['x-team'],
        output: gateway.output(),
      }
    } finally {
      await gateway.close()
      await upstream.close()
    }
  }

  test('takes its .env as it is', async () => {
    const asked = await ask((origin) => ({
      files: {
        '.env': `OPENAI_API_KEY=sk-1\nOPENAI_BASE_URL=${origin}/v1\nSMALL_MODEL=little\nCUSTOM_HEADER_X_TEAM=platform\n`,
      },
    }))
    assert.deepEqual(
      [asked.path, asked.key, asked.model, asked.team],
      ['/v1/chat/completions', 'Bearer sk-1', 'little', 'platform'],
    )
    assert.match(asked.output, /\.env of claude-code-proxy/)
    assert.ok(!asked.output.includes('sk-1'))
  })

  test('takes its environment as it is', async () => {
    const asked = await ask((origin) => ({
      environment: { PROVIDER_API_KEY: 'nv-1', UPSTREAM_URL: `${origin}/v1/chat/completions` },
    }))
    assert.deepEqual(
      [asked.path, asked.key, asked.model],
      ['/v1/chat/completions', 'Bearer nv-1', 'claude-haiku-4-5'],
    )
  })

  test('takes its config.json as it is, keys included', async () => {
    const asked = await ask((origin) => ({
      files: {
        'config.json': JSON.stringify({
          providers: [
            {
              name: 'one',
              base_url: origin,
              api_key: 'one-1',
              models: [{ id: 'claude-haiku-4-5', remote_id: 'vendor/small' }],
            },
          ],
        }),
      },
    }))
    assert.deepEqual(
      [asked.path, asked.key, asked.model],
      ['/v1/chat/completions', 'Bearer one-1', 'vendor/small'],
    )
  })
})
