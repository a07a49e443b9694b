import assert from 'node:assert/strict'
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { type GatewayProcess, startGatewayProcess } from '../harness/gateway-process.ts'
import { type ScriptedUpstream, startScriptedUpstream, textReply } from '../harness/scripted-upstream.ts'
import { callsReply, seen, textOf, toolResults } from './chat-script.ts'
import { type ClaudeOptions, type ClaudeRun, installClaudeCode, runClaude } from './claude-code.ts'

/** Claude Code itself, headless, against `npm start` and a provider that plays scripts. */

let program: string
let upstream: ScriptedUpstream
let gateway: GatewayProcess

before(async () => {
  program = await installClaudeCode()
})

beforeEach(async () => {
  upstream = await startScriptedUpstream()
  gateway = await startGatewayProcess({
    configuration: {
      providers: { office: { type: 'openai', base_url: upstream.url, key: 'none' } },
      models: { 'test-model': { target: 'office/scripted-model' } },
    },
  })
})

async function stop(): Promise<void> {
  await gateway.close()
  await upstream.close()
}

after(() => undefined)

function claude(prompt: string, options: Partial<ClaudeOptions> = {}): Promise<ClaudeRun> {
  return runClaude({ program, baseUrl: gateway.url, prompt, ...options })
}

/** A run that passes may hide refused requests: Claude Code retries by itself. So the provider's side is looked at. */
function assertGood(run: ClaudeRun): void {
  assert.equal(run.result['is_error'], false, JSON.stringify(run.result))
  assert.equal(run.exitCode, 0)
  const refused = gateway.output().match(/status=[45]\d\d/g) ?? []
  assert.deepEqual(refused, [], gateway.output())
}

test('prints a text answer', async (context) => {
  context.after(stop)
  upstream.always(textReply('Hello', ' from', ' the provider.'))
  const run = await claude('Say hello.')
  assertGood(run)
  assert.equal(run.result['result'], 'Hello from the provider.')
  assert.equal(upstream.requests.length, 1)
})

test('creates a file with the Write tool', async (context) => {
  context.after(stop)
  const folder = await mkdtemp(join(tmpdir(), 'claude-folder-'))
  const file = join(folder, 'greeting.txt')
  upstream.always((request) =>
    toolResults(request) === 0
      ? callsReply([{ name: 'Write', input: { file_path: file, content: 'written through the gateway\n' } }])
      : textReply('Done.'),
  )
  const run = await claude('Write greeting.txt', { folder, arguments: ['--allowedTools', 'Write'] })
  assertGood(run)
  assert.equal(await readFile(file, 'utf8'), 'written through the gateway\n')
  assert.equal(run.result['result'], 'Done.')
})

test('reads two files at once, with interleaved fragments', async (context) => {
  context.after(stop)
  const folder = await mkdtemp(join(tmpdir(), 'claude-folder-'))
  await writeFile(join(folder, 'one.txt'), 'the first secret\n')
  await writeFile(join(folder, 'two.txt'), 'the second secret\n')
  upstream.always((request) =>
    toolResults(request) === 0
      ? callsReply(
          [
            { name: 'Read', input: { file_path: join(folder, 'one.txt') } },
            { name: 'Read', input: { file_path: join(folder, 'two.txt') } },
          ],
          'I read both.',
        )
      : textReply('Read.'),
  )
  const run = await claude('Read both', { folder, arguments: ['--allowedTools', 'Read'] })
  assertGood(run)
  const second = await upstream.request(1)
  assert.match(textOf(second), /the first secret/)
  assert.match(textOf(second), /the second secret/)
  const calls = seen(second).messages.find(({ tool_calls }) => tool_calls)?.tool_calls ?? []
  assert.equal(new Set(calls.map(({ id }) => id)).size, 2)
})
