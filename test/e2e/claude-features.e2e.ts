import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { chunk, DONE, textReply, usageChunk } from '../harness/scripted-upstream.ts'
import { solidPng } from '../live/solid-png.ts'
import { callsReply, seen, textOf, toolResults } from './chat-script.ts'
import { pdf } from './documents.ts'
import { openScene } from './scene.ts'

/** What Claude Code users do every day, each through the gateway. */

test('a sub-agent runs beside the main turn and its answer comes back', async (context) => {
  const { upstream, claude, assertGood } = await openScene(context)
  upstream.always((request) => {
    const said = seen(request).messages.findLast(({ role }) => role === 'user')
    if (JSON.stringify(said).includes('count the apples')) return textReply('seven apples')
    return toolResults(request) === 0
      ? callsReply([
          {
            name: 'Agent',
            input: {
              description: 'count',
              prompt: 'count the apples',
              subagent_type: 'general-purpose',
              run_in_background: false,
            },
          },
        ])
      : textReply('The agent is done.')
  })
  const run = await claude('Let an agent count', { arguments: ['--allowedTools', 'Agent'] })
  assertGood(run)
  assert.equal(run.result['result'], 'The agent is done.')
  const last = upstream.requests.at(-1)
  assert.ok(last && textOf(last).includes('seven apples'))
})

test('an image that a tool reads reaches the model', async (context) => {
  const { upstream, claude, assertGood, folder } = await openScene(context)
  await writeFile(join(folder, 'pixel.png'), Buffer.from(solidPng(120, 120, 120), 'base64'))
  upstream.always((request) =>
    toolResults(request) === 0
      ? callsReply([{ name: 'Read', input: { file_path: join(folder, 'pixel.png') } }])
      : textReply('A grey square.'),
  )
  const run = await claude('What is in pixel.png?', { arguments: ['--allowedTools', 'Read'] })
  assertGood(run)
  const { messages } = seen(await upstream.request(1))
  const place = messages.findIndex(({ role }) => role === 'tool')
  assert.equal(messages[place + 1]?.role, 'user')
  assert.match(JSON.stringify(messages[place + 1]?.content), /data:image\/[a-z]+;base64,/)
})

test('a PDF that a tool reads reaches the model, or is named', async (context) => {
  const { upstream, claude, assertGood, folder } = await openScene(context)
  await writeFile(join(folder, 'report.pdf'), pdf('The harvest was good'))
  upstream.always((request) =>
    toolResults(request) === 0
      ? callsReply([{ name: 'Read', input: { file_path: join(folder, 'report.pdf') } }])
      : textReply('A good harvest.'),
  )
  const run = await claude('What does report.pdf say?', { arguments: ['--allowedTools', 'Read'] })
  assertGood(run)
  assert.match(textOf(await upstream.request(1)), /The harvest was good|application\/pdf|PDF/)
})

const MCP = JSON.stringify({
  mcpServers: {
    weather: {
      command: process.execPath,
      args: [fileURLToPath(new URL('mcp-server.ts', import.meta.url))],
    },
  },
})

for (const search of ['true', 'false']) {
  test(`an MCP tool is called with ENABLE_TOOL_SEARCH=${search}`, async (context) => {
    const { upstream, claude, assertGood } = await openScene(context)
    const forecast = { name: 'mcp__weather__forecast', input: { city: 'Oslo' } }
    upstream.always((request) => {
      const offered = (seen(request).tools ?? []).some(({ function: { name } }) => name === forecast.name)
      if (textOf(request).includes('sunny in Oslo')) return textReply('Sunny.')
      if (offered) return callsReply([forecast])
      return callsReply([
        { name: 'ToolSearch', input: { query: 'select:mcp__weather__forecast', max_results: 1 } },
      ])
    })
    const run = await claude('The forecast for Oslo, please', {
      arguments: ['--mcp-config', MCP, '--allowedTools', 'mcp__weather__forecast,ToolSearch'],
      environment: { ENABLE_TOOL_SEARCH: search },
    })
    assertGood(run)
    assert.equal(run.result['result'], 'Sunny.')
    const tools = upstream.requests.flatMap((request) => seen(request).tools ?? [])
    assert.ok(tools.every(({ function: { name } }) => name !== 'DeferredToolPlaceholder'))
  })
}

test('a session is resumed with its whole history', async (context) => {
  const { upstream, claude, assertGood } = await openScene(context)
  upstream.next(textReply('I remember the word heron.')).always(textReply('It was heron.'))
  const first = await claude('Remember the word heron.')
  assertGood(first)
  const second = await claude('Which word?', {
    home: first.home,
    arguments: ['--resume', String(first.result['session_id'])],
  })
  assertGood(second)
  const last = upstream.requests.at(-1)
  assert.ok(last && textOf(last).includes('I remember the word heron.'))
})

test('a session is compacted', async (context) => {
  const { upstream, claude, assertGood } = await openScene(context)
  upstream.next(textReply('First answer.')).always(textReply('<summary>They spoke of herons.</summary>'))
  const first = await claude('Tell me about herons.')
  const second = await claude('/compact', {
    home: first.home,
    arguments: ['--resume', String(first.result['session_id'])],
  })
  assertGood(second)
  const last = upstream.requests.at(-1)
  assert.ok(last && textOf(last).includes('Tell me about herons.'))
})

test('plan mode ends with a plan', async (context) => {
  const { upstream, claude } = await openScene(context)
  upstream.always(textReply('The plan: do it.'))
  const run = await claude('Plan it', { arguments: ['--permission-mode', 'plan'] })
  assert.equal(run.result['is_error'], false, JSON.stringify(run.result))
  assert.equal(run.result['result'], 'The plan: do it.')
})

test('structured output comes back as an object', async (context) => {
  const { upstream, claude, assertGood } = await openScene(context)
  upstream.always((request) =>
    toolResults(request) === 0
      ? callsReply([{ name: 'StructuredOutput', input: { answer: 42 } }])
      : textReply('There.'),
  )
  const schema = { type: 'object', properties: { answer: { type: 'number' } }, required: ['answer'] }
  const run = await claude('The answer?', { arguments: ['--json-schema', JSON.stringify(schema)] })
  assertGood(run)
  assert.deepEqual(run.result['structured_output'], { answer: 42 })
})

test('a long output arrives whole', async (context) => {
  const { upstream, claude, assertGood } = await openScene(context)
  const lines = Array.from({ length: 3000 }, (_, index) => `line ${index}\n`)
  lines.push('the end')
  upstream.always(textReply(...lines))
  const run = await claude('Write much')
  assertGood(run)
  // Not assert.equal: a difference would be printed twice over.
  assert.ok(run.result['result'] === lines.join(''))
})

test('reasoning goes back to a provider that insists on it, with the tool call it belongs to', async (context) => {
  const { upstream, claude, assertGood, folder } = await openScene(context, { type: 'deepseek' })
  await writeFile(join(folder, 'note.txt'), 'a note\n')
  upstream.always((request) => {
    if (toolResults(request) > 0) return textReply('Read.')
    const [first, ...rest] = callsReply([{ name: 'Read', input: { file_path: join(folder, 'note.txt') } }])
      .steps as string[]
    return {
      steps: [
        first ?? '',
        chunk({ reasoning_content: 'I should ' }),
        chunk({ reasoning_content: 'read it.' }),
        ...rest,
      ],
    }
  })
  const run = await claude('Read note.txt', { arguments: ['--allowedTools', 'Read'] })
  assertGood(run)
  const { messages } = seen(await upstream.request(1))
  assert.equal(messages.find(({ tool_calls }) => tool_calls)?.reasoning_content, 'I should read it.')
})

test('a thinking-only answer followed by text keeps both', async (context) => {
  const { upstream, claude, assertGood } = await openScene(context)
  upstream.always({
    steps: [
      chunk({ reasoning_content: 'Hm.' }),
      chunk({ content: 'Yes.' }),
      chunk({}, 'stop'),
      usageChunk(9, 4),
      DONE,
    ],
  })
  const run = await claude('Think')
  assertGood(run)
  assert.equal(run.result['result'], 'Yes.')
  assert.ok(JSON.stringify(run.lines).includes('"thinking":"Hm."'))
})
