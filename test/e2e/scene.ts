import assert from 'node:assert/strict'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { type GatewayProcess, startGatewayProcess } from '../harness/gateway-process.ts'
import { type ScriptedUpstream, startScriptedUpstream } from '../harness/scripted-upstream.ts'
import { type ClaudeOptions, type ClaudeRun, installClaudeCode, runClaude } from './claude-code.ts'

/** Claude Code, the gateway as `npm start` runs it, and a provider that plays scripts. */
export interface Scene {
  readonly upstream: ScriptedUpstream
  readonly gateway: GatewayProcess
  /** The scratch folder that Claude Code works in. */
  readonly folder: string
  claude(prompt: string, options?: Partial<ClaudeOptions>): Promise<ClaudeRun>
  /**
   * The run ended well, and the gateway refused nothing on the way: Claude Code mends many faults by asking again,
   * so a good ending alone proves little.
   */
  assertGood(run: ClaudeRun): void
}

export interface SceneOptions {
  /** Record of the provider table that the scripted provider poses as. */
  readonly type?: string
  /** Further settings of the model entry. */
  readonly model?: Record<string, unknown>
  readonly settings?: Record<string, unknown>
}

export async function openScene(context: TestContext, options: SceneOptions = {}): Promise<Scene> {
  const program = await installClaudeCode()
  const upstream = await startScriptedUpstream()
  const gateway = await startGatewayProcess({
    configuration: {
      providers: { office: { type: options.type ?? 'openai', base_url: upstream.url, key: 'none' } },
      models: { 'test-model': { target: 'office/scripted-model', ...options.model } },
      ...(options.settings ? { settings: options.settings } : {}),
    },
  })
  context.after(async () => {
    await gateway.close()
    await upstream.close()
  })
  const folder = await mkdtemp(join(tmpdir(), 'claude-folder-'))
  return {
    upstream,
    gateway,
    folder,
    claude: (prompt, more) => runClaude({ program, baseUrl: gateway.url, prompt, folder, ...more }),
    assertGood: (run) => {
      assert.equal(run.result['is_error'], false, JSON.stringify(run.result) + gateway.output())
      assert.equal(run.exitCode, 0)
      const refused = gateway.output().match(/ status=[45]\d\d/g) ?? []
      assert.deepEqual(refused, [], gateway.output())
    },
  }
}
