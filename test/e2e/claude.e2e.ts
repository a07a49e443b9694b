import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { startGatewayProcess } from '../harness/gateway-process.ts'
import { textReply } from '../harness/scripted-upstream.ts'
import { callsReply, seen, textOf, toolResults } from './chat-script.ts'
import { installClaudeCode, runClaude } from './claude-code.ts'
import { openScene } from './scene.ts'

/** The least that must work with Claude Code itself. */

test('the demo answers claude -p hello with no configuration at all', async (context) => {
  const gateway = await startGatewayProcess()
  context.after(() => gateway.close())
  const run = await runClaude({
    program: await installClaudeCode(),
    baseUrl: gateway.url,
    prompt: 'hello',
    model: 'demo',
  })
  assert.equal(run.result['is_error'], false, JSON.stringify(run.result))
  assert.match(String(run.result['result']), /hello/)
})

test('Claude Code prints a text answer', async (context) => {
  const { upstream, claude, assertGood } = await openScene(context)
  upstream.always(textReply('Hello', ' from', ' the provider.'))
  const run = await claude('Say hello.')
  assertGood(run)
  assert.equal(run.result['result'], 'Hello from the provider.')
  assert.equal(upstream.requests.length, 1)
})

test('Claude Code creates a file with the Write tool', async (context) => {
  const { upstream, claude, assertGood, folder } = await openScene(context)
  const file = join(folder, 'greeting.txt')
  upstream.always((request) =>
    toolResults(request) === 0
      ? callsReply([{ name: 'Write', input: { file_path: file, content: 'written through the gateway\n' } }])
      : textReply('Done.'),
  )
  const run = await claude('Write greeting.txt', { arguments: ['--allowedTools', 'Write'] })
  assertGood(run)
  assert.equal(await readFile(file, 'utf8'), 'written through the gateway\n')
  assert.equal(run.result['result'], 'Done.')
})

test('Claude Code reads two files at once, with interleaved fragments', async (context) => {
  const { upstream, claude, assertGood, folder } = await openScene(context)
  await writeFile(join(folder, 'one.txt'), 'the first secret\n')
  await writeFile(join(folder, 'two.txt'), 'the second secret\n')
  const read = (name: string) => ({ name: 'Read', input: { file_path: join(folder, name) } })
  upstream.always((request) =>
    toolResults(request) === 0
      ? callsReply([read('one.txt'), read('two.txt')], 'I read both.')
      : textReply('Read.'),
  )
  const run = await claude('Read both', { arguments: ['--allowedTools', 'Read'] })
  assertGood(run)
  const second = await upstream.request(1)
  assert.match(textOf(second), /the first secret/)
  assert.match(textOf(second), /the second secret/)
  const calls = seen(second).messages.find(({ tool_calls }) => tool_calls)?.tool_calls ?? []
  assert.equal(new Set(calls.map(({ id }) => id)).size, 2)
})
