import type { RequestBlock } from '../anthropic/messages-request.ts'
import type { ChatContentPart } from '../openai/chat-request.ts'
import type { Quirks } from '../providers/quirks.ts'
import { invalidField, isRecord, readText } from './block-fields.ts'
import { toDocumentParts } from './document.ts'
import { refusedSource, requiredSource } from './readable-source.ts'
import { toServerBlockText } from './server-blocks.ts'

/** The blocks of a user's turn or of a tool result as content parts, in order. Their fates: docs/conversion.md. */
export function toContentParts(
  blocks: readonly RequestBlock[],
  path: string,
  quirks: Quirks,
  firstIndex = 0,
): ChatContentPart[] {
  return blocks.flatMap((block, index) => {
    const parts = toBlockParts(block, `${path}.${firstIndex + index}`, quirks)
    return quirks.cache_control ? withCacheMarker(parts, block) : parts
  })
}

function toBlockParts(block: RequestBlock, path: string, quirks: Quirks): ChatContentPart[] {
  switch (block.type) {
    case 'text':
      return textParts(requiredText(block, 'text', path))
    case 'image':
      return [toImagePart(block, path, quirks)]
    case 'document':
      return toDocumentParts(block, path, quirks, (blocks) =>
        toContentParts(blocks, `${path}.source.content`, quirks),
      )
    default:
      return textParts(toServerBlockText(block))
  }
}

export function textParts(text: string): ChatContentPart[] {
  return text === '' ? [] : [{ type: 'text', text }]
}

/** @throws GatewayError when the field is missing, as Anthropic itself does. */
export function requiredText(block: RequestBlock, field: string, path: string): string {
  const text = readText(block, field)
  if (text === undefined) throw invalidField(`${path}.${field}`, 'Input should be a valid string')
  return text
}

function toImagePart(block: RequestBlock, path: string, quirks: Quirks): ChatContentPart {
  const url = imageUrl(block, path)
  if (quirks.images === 'none' || quirks.content_form === 'string') {
    return { type: 'text', text: '[An image was left out here: this model cannot see images.]' }
  }
  if (quirks.images === 'data_only' && !url.startsWith('data:')) {
    return {
      type: 'text',
      text: `[The image at ${url} was left out here: this model takes images only as data, not by address.]`,
    }
  }
  return { type: 'image_url', image_url: { url } }
}

/** @throws GatewayError for a source that we cannot read: a file of Anthropic's Files API, or a broken one. */
function imageUrl(block: RequestBlock, path: string): string {
  const source = requiredSource(block, path)
  switch (source['type']) {
    case 'base64': {
      const data = readText(source, 'data')
      const mediaType = readText(source, 'media_type')
      if (!data) throw invalidField(`${path}.source.data`, 'Input should be a non-empty base64 string')
      if (!mediaType?.startsWith('image/')) {
        throw invalidField(
          `${path}.source.media_type`,
          "Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'",
        )
      }
      return `data:${mediaType};base64,${withoutLineBreaks(data)}`
    }
    case 'url': {
      const url = readText(source, 'url')
      if (!url) throw invalidField(`${path}.source.url`, 'Field required')
      // A model server of one's own may read its files at file: and what else it knows.
      if (!/^(https?:|data:image\/)/i.test(url))
        throw invalidField(`${path}.source.url`, 'Input should be an http or https address')
      return url
    }
    default:
      throw refusedSource(source['type'], path)
  }
}

/** `base64` of the shell breaks its lines, which no data URL may. */
function withoutLineBreaks(data: string): string {
  return data.includes('\n') ? data.replaceAll(/\s+/g, '') : data
}

/** The marker goes onto the block's last text part: other kinds of part have no place for it. */
function withCacheMarker(parts: ChatContentPart[], block: RequestBlock): ChatContentPart[] {
  const marker = block['cache_control']
  const last = parts.at(-1)
  if (!isRecord(marker) || last?.type !== 'text') return parts
  return [...parts.slice(0, -1), { ...last, cache_control: marker }]
}

/**
 * Content as the provider takes it: one string where there is only text, since not every server takes a list of
 * text parts; parts where an image, a file or a cache marker needs them.
 */
export function toContent(parts: readonly ChatContentPart[], quirks: Quirks): string | ChatContentPart[] {
  const plain = parts.every((part) => part.type === 'text' && part.cache_control === undefined)
  if (!plain && quirks.content_form === 'parts') return [...parts]
  return joinTexts(textsOf(parts))
}

export function textsOf(parts: readonly ChatContentPart[]): string[] {
  return parts.flatMap((part) => (part.type === 'text' ? [part.text] : []))
}

/** Blocks are paragraphs of their own, unless the text already ends its line. */
export function joinTexts(texts: readonly string[]): string {
  return texts.reduce((joined, text) => {
    if (joined === '') return text
    return joined.endsWith('\n') ? joined + text : `${joined}\n\n${text}`
  }, '')
}
