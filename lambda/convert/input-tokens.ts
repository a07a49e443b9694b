import type { CountTokensRequest, RequestBlock, RequestTool } from '../anthropic/messages-request.ts'
import type { Quirks } from '../providers/quirks.ts'
import { isRecord, readBlocks, readRecord, readText } from './block-fields.ts'
import { toBuiltInFunctions } from './built-in-tools.ts'
import { readImageSize } from './image-size.ts'
import { findOffered } from './offered-tools.ts'
import { sampleTextTokens } from './sampled-text-tokens.ts'
import { toServerBlockText } from './server-blocks.ts'
import { toSystemBlocks } from './system-prompt.ts'
import { estimateTextTokens } from './text-tokens.ts'

/** What a model family's chat template adds to the text, and how its tokens compare to ours. */
export type TokenRates = Pick<
  Quirks,
  | 'token_ratio'
  | 'token_base'
  | 'token_per_message'
  | 'token_tools_base'
  | 'token_per_tool'
  | 'token_tool_ratio'
>

/** Braces, id and name around one call. */
const PER_CALL = 8
const PER_RESULT = 4

/**
 * How many tokens a request has at the provider, estimated in one linear pass: system prompt, messages, tools,
 * images, documents and thinking. `rates` are the target's quirks.
 */
export function estimateInputTokens(request: CountTokensRequest, rates: TokenRates): number {
  return inputTokens(request, rates, estimateTextTokens)
}

/** The same from samples of long texts: what every turn needs before it is sent, at an eighth of the time. */
export function sampleInputTokens(request: CountTokensRequest, rates: TokenRates): number {
  return inputTokens(request, rates, sampleTextTokens)
}

type CountText = (text: string) => number

function inputTokens(request: CountTokensRequest, rates: TokenRates, countText: CountText): number {
  const system = toSystemBlocks(request)
  const contents = [
    ...(system.length === 0 ? [] : [system]),
    ...request.messages.map((message) => readBlocks(message, 'content')),
  ]
  const text = contents.reduce(
    (sum, blocks) => sum + blocksTokens(blocks, countText),
    formatTokens(request, countText),
  )
  const tools = findOffered(request).flatMap(({ tool }) => toDefinitions(tool))
  const toolText = tools.reduce((sum, definition) => sum + countText(definition), 0)
  const template =
    rates.token_base +
    contents.length * rates.token_per_message +
    (tools.length === 0 ? 0 : rates.token_tools_base) +
    tools.length * rates.token_per_tool
  return Math.max(1, Math.round((text + toolText * rates.token_tool_ratio) * rates.token_ratio + template))
}

function formatTokens(request: CountTokensRequest, countText: CountText): number {
  const schema = request.output_config?.format?.schema
  return schema === undefined ? 0 : countText(JSON.stringify(schema))
}

function blocksTokens(blocks: readonly RequestBlock[], countText: CountText): number {
  return blocks.reduce((sum, block) => sum + blockTokens(block, countText), 0)
}

function blockTokens(block: RequestBlock, countText: CountText): number {
  switch (block.type) {
    case 'text':
      return countText(readText(block, 'text') ?? '')
    case 'thinking':
      return countText(readText(block, 'thinking') ?? '')
    case 'redacted_thinking':
      return 0
    case 'image':
      return imageTokens(block)
    case 'document':
      return documentTokens(block, countText)
    case 'tool_use':
      return PER_CALL + countText(`${readText(block, 'name') ?? ''}${JSON.stringify(block['input'] ?? {})}`)
    case 'tool_result':
      return PER_RESULT + blocksTokens(readBlocks(block, 'content'), countText)
    default:
      return countText(toServerBlockText(block))
  }
}

const USUAL_IMAGE_TOKENS = 1000
const LONGEST_EDGE = 1568
const PIXELS_PER_TOKEN = 750

/** Anthropic's own rule: pixels / 750, after shrinking to a longest edge of 1568 (vision guide, 2026-11). */
function imageTokens(block: RequestBlock): number {
  const size = readImageSize(readText(readRecord(block, 'source') ?? {}, 'data') ?? '')
  if (size === undefined) return USUAL_IMAGE_TOKENS
  const scale = Math.min(1, LONGEST_EDGE / Math.max(size.width, size.height))
  return Math.max(16, Math.ceil((size.width * scale * size.height * scale) / PIXELS_PER_TOKEN))
}

/** A page of a PDF costs 1500 to 3000 tokens with Anthropic; one per 50 KB where the pages cannot be counted. */
const TOKENS_PER_PAGE = 2000
const CHARACTERS_PER_PAGE = 66_000

function documentTokens(block: RequestBlock, countText: CountText): number {
  const source = readRecord(block, 'source') ?? {}
  const about = countText(`${readText(block, 'title') ?? ''}${readText(block, 'context') ?? ''}`)
  const data = readText(source, 'data') ?? ''
  if (source['type'] === 'base64') {
    return about + TOKENS_PER_PAGE * Math.max(1, Math.ceil(data.length / CHARACTERS_PER_PAGE))
  }
  if (source['type'] === 'content') return about + blocksTokens(readBlocks(source, 'content'), countText)
  return about + countText(data)
}

/** The tool as its provider's template will write it: name, description and schema as JSON. */
function toDefinitions(tool: RequestTool): string[] {
  const functions = toBuiltInFunctions(tool)
  if (functions !== undefined) {
    return functions.map((one) => `${one.identity.name} ${one.description} ${JSON.stringify(one.schema)}`)
  }
  const schema = tool.input_schema
  if (!isRecord(schema)) return []
  const { $schema: _, ...shown } = schema
  return [`${tool.name ?? ''} ${tool.description ?? ''} ${JSON.stringify(shown)}`]
}
