import type { Message } from '../../lambda/anthropic/message-event.ts'
import { toUpstreamError } from '../../lambda/convert/upstream-error.ts'
import { UpstreamError } from '../../lambda/errors.ts'
import { answerRules } from '../harness/answer-rules.ts'
import { corpusAbsent, quirksOf, type Recording, readCorpus, toWireBytes } from '../harness/corpus.ts'
import { foldMessage, replayBytes } from '../harness/replay.ts'

/** `node test/corpus/table.ts` prints what came out of every recording, file by file. */

async function rowOf(recording: Recording): Promise<string[]> {
  const { file, status, headers, text, provider, model, speaks } = recording
  if (speaks === 'anthropic') return [file, String(status), 'passthrough', '', '', '']
  if (status >= 400) {
    const error = toUpstreamError(
      { status, headers, body: text },
      { provider, model, contextWindow: 131_072 },
    )
    return [file, String(status), `error ${error.status} ${error.type}`, '', '', error.message]
  }
  try {
    const rules = answerRules({ quirks: quirksOf(recording) })
    const message = foldMessage(await replayBytes(toWireBytes(recording), speaks, rules))
    return [file, String(status), String(message.stop_reason), blocksOf(message), usageOf(message), '']
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error
    return [file, String(status), `error ${error.status} ${error.type}`, '', '', error.message]
  }
}

/** "thinking 120 · text 33 · tool add" (lengths in characters). */
function blocksOf({ content }: Message): string {
  const names = content.map((block) => {
    if (block.type === 'text') return `text ${block.text.length}`
    if (block.type === 'thinking') return `thinking ${block.thinking.length}`
    return block.type === 'tool_use' ? `tool ${block.name}` : block.type
  })
  return names.join(' · ')
}

/** "input + cache read → output". */
function usageOf({ usage }: Message): string {
  return `${usage.input_tokens} + ${usage.cache_read_input_tokens ?? 0} → ${usage.output_tokens}`
}

if (corpusAbsent) {
  process.stderr.write(`${corpusAbsent}\n`)
  process.exitCode = 1
} else {
  process.stdout.write(
    '| recording | status | outcome | blocks | tokens | message |\n|---|---|---|---|---|---|\n',
  )
  for (const recording of readCorpus()) {
    const cells = (await rowOf(recording)).map((cell) => cell.replaceAll('|', '\\|').replaceAll(/\s+/g, ' '))
    process.stdout.write(`| ${cells.join(' | ')} |\n`)
  }
}
