import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { toChatChunk } from '../../lambda/convert/ollama-chunk.ts'
import type { ChatChunk } from '../../lambda/openai/chat-chunk.ts'
import type { ProviderName } from '../../lambda/providers/table.ts'
import { jsonLineChunks } from '../../lambda/upstream/ndjson.ts'
import { chatChunks } from '../../lambda/upstream/sse.ts'

/** Recorded answers of real providers. They are other people's data, so they stand beside the project, not in it. */
export const CORPUS = path.resolve(import.meta.dirname, '../../../shared/corpus')
export const hasCorpus = existsSync(path.join(CORPUS, 'manifest.json'))

const Entry = z.looseObject({
  file: z.string(),
  model: z.string().nullish(),
  status: z.number().nullish(),
  url: z.string().nullish(),
  features: z.array(z.string()).default([]),
})
export type RecordedAnswer = z.infer<typeof Entry> & { readonly provider: ProviderName }

/** Folder of the corpus → the record that its provider has here. */
const FOLDERS: Readonly<Record<string, ProviderName>> = {
  openai: 'openai',
  azure: 'azure',
  'azure-foundry': 'azure-foundry',
  openrouter: 'openrouter',
  glm: 'glm-coding',
  deepseek: 'deepseek',
  groq: 'groq',
  mistral: 'mistral',
  xai: 'xai',
  'alibaba-qwen': 'qwen',
  moonshot: 'kimi',
  cerebras: 'cerebras',
  together: 'together',
  fireworks: 'fireworks',
  perplexity: 'perplexity',
  'hf-router': 'huggingface',
  'bedrock-openai': 'bedrock',
  'ollama-native': 'ollama',
  'ollama-v1': 'ollama-v1',
  llamacpp: 'llamacpp',
  vllm: 'vllm',
  'vercel-gateway': 'vercel',
  snowflake: 'snowflake',
}

/** Every recorded answer that is no error, with the record that has to understand it. */
export function recordedAnswers(): RecordedAnswer[] {
  if (!hasCorpus) return []
  const manifest = z.array(Entry).parse(JSON.parse(readFileSync(path.join(CORPUS, 'manifest.json'), 'utf8')))
  return manifest.flatMap((entry) => {
    const provider = providerOf(entry)
    const failed =
      (entry.status ?? 200) !== 200 || entry.features.some((feature) => feature.startsWith('ERROR'))
    return provider === undefined || failed ? [] : [{ ...entry, provider }]
  })
}

function providerOf({ file, url }: z.infer<typeof Entry>): ProviderName | undefined {
  if (url?.includes('bedrock-mantle')) return 'bedrock-mantle'
  return FOLDERS[file.split('/')[0] ?? '']
}

/** The chunks of a recording, read as the gateway reads them. */
export async function recordedChunks({ file, provider }: RecordedAnswer): Promise<(readonly ChatChunk[])[]> {
  const bytes = readFileSync(path.join(CORPUS, file))
  if (provider === 'ollama')
    return all(jsonLineChunks(body(oneLine(bytes, file)), { provider, toChunk: toChatChunk }))
  return all(chatChunks(body(file.endsWith('.chunks.txt') ? framed(bytes) : bytes), { provider }))
}

async function all(batches: AsyncIterable<readonly ChatChunk[]>): Promise<(readonly ChatChunk[])[]> {
  const list: (readonly ChatChunk[])[] = []
  for await (const batch of batches) list.push(batch)
  return list
}

async function* body(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** A recorded body of `stream: false` as the one line that a stream would have. */
function oneLine(bytes: Uint8Array, file: string): Uint8Array {
  if (!file.endsWith('.json')) return bytes
  return Buffer.from(JSON.stringify(JSON.parse(Buffer.from(bytes).toString('utf8'))))
}

/** Recordings of single chunks have lost their framing; we put it back. */
function framed(bytes: Uint8Array): Uint8Array {
  const lines = Buffer.from(bytes)
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
  return Buffer.from(lines.map((line) => `data: ${line}\n\n`).join(''))
}
