import { type PdfFont, readFont } from './pdf-fonts.ts'
import { MOST_PDF_BYTES, type PdfObject, readPdfObjects } from './pdf-objects.ts'

/**
 * The text of a PDF, page by page: what its content streams write, by its fonts' own tables of letters. Good enough to
 * read; layout, pictures and scanned pages are lost.
 * @returns undefined when no text can be read.
 */
export function extractPdfText(base64: string): string | undefined {
  let file: string
  try {
    file = atob(base64)
  } catch {
    // Not base64: the sentence that takes the document's place says that nothing could be read.
    return undefined
  }
  const objects = readPdfObjects(file)
  if (objects === undefined) return undefined
  const text = readPages(objects)
  return /[\p{L}\p{N}]/u.test(text) ? text : undefined
}

function readPages(objects: Objects): string {
  const pages: string[] = []
  const known: KnownFonts = new Map()
  let left = MOST_PDF_BYTES
  for (const page of findPages(objects)) {
    const content = contentOf(page, objects)
    // Pages may share a content; many of a large one would never end.
    left -= content.length
    if (left < 0) break
    const text = readContent(content, findFonts(page, objects, known)).trim()
    if (text !== '') pages.push(text)
  }
  return pages.join('\n\n')
}

/** Fonts that were read already: pages share them. */
type KnownFonts = Map<PdfObject, PdfFont>

type Objects = ReadonlyMap<string, PdfObject>

/** Page trees are a few levels deep; a chain of thousands is no document. */
const DEEPEST_TREE = 64

/** Pages in the order of the page tree; in the order of the file where there is no tree. */
function findPages(objects: Objects): PdfObject[] {
  const root = [...objects.values()].find((object) => /\/Type\s*\/Catalog\b/.test(object.text))
  const ordered: PdfObject[] = []
  const seen = new Set<PdfObject>()
  const visit = (node: PdfObject | undefined, level: number) => {
    if (node === undefined || seen.has(node) || level > DEEPEST_TREE) return
    seen.add(node)
    const kids = /\/Kids\s*\[([^\]]*)\]/.exec(node.text)?.[1]
    if (kids === undefined) ordered.push(node)
    else for (const number of references(kids)) visit(objects.get(number), level + 1)
  }
  visit(objects.get(/\/Pages\s+(\d+)/.exec(root?.text ?? '')?.[1] ?? ''), 0)
  return ordered.length > 0
    ? ordered
    : [...objects.values()].filter((object) => /\/Type\s*\/Page\b/.test(object.text))
}

function references(list: string): string[] {
  return [...list.matchAll(/(\d+)\s+\d+\s+R/g)].map(([, number = '']) => number)
}

function contentOf(page: PdfObject, objects: Objects): string {
  const contents = /\/Contents\s*(\[[^\]]*\]|\d+\s+\d+\s+R)/.exec(page.text)?.[1] ?? ''
  const streams = [...new Set(references(contents))].flatMap((number) => objects.get(number)?.stream ?? [])
  return streams.join('\n')
}

/** Fonts by the name that the page's content uses; a page without resources has its parent's. */
function findFonts(page: PdfObject, objects: Objects, known: KnownFonts): Map<string, PdfFont> {
  let node: PdfObject | undefined = page
  for (let level = 0; node !== undefined && level < 16; level += 1) {
    const resources = followed(node.text, 'Resources', objects)
    if (resources !== undefined) {
      const list = followed(resources, 'Font', objects) ?? ''
      return new Map(
        [...list.matchAll(/\/([^\s/<>[\]()]+)\s+(\d+)\s+\d+\s+R/g)].flatMap(([, name = '', number = '']) => {
          const font = objects.get(number)
          if (font === undefined) return []
          const read = known.get(font) ?? readFont(font, objects)
          known.set(font, read)
          return [[name, read] as const]
        }),
      )
    }
    node = objects.get(/\/Parent\s+(\d+)/.exec(node.text)?.[1] ?? '')
  }
  return new Map()
}

/** The text from a key on: behind a reference, or in place. */
function followed(text: string, key: string, objects: Objects): string | undefined {
  const match = new RegExp(`/${key}\\s*(?:(\\d+)\\s+\\d+\\s+R|<<)`).exec(text)
  if (match === null) return undefined
  return match[1] === undefined ? text.slice(match.index + match[0].length) : objects.get(match[1])?.text
}

/** Strings, names, numbers, arrays' brackets and operators of a content stream. */
const TOKENS =
  /\((?:[^\\()]|\\[\s\S]|\((?:[^\\()]|\\[\s\S])*\))*\)|<[0-9a-fA-F\s]*>|\/[^\s/<>[\]()]+|[-+]?[\d.]+|[A-Za-z'"*]+|[[\]]/g

/** Moves wider than this many thousandths of the font's size are a space between words. */
const WORD_GAP = -180

function readContent(content: string, fonts: ReadonlyMap<string, PdfFont>): string {
  let text = ''
  let font: PdfFont = { width: 1 }
  let operands: string[] = []
  let inArray = false
  for (const [token] of content.matchAll(TOKENS)) {
    if (token === '[' || token === ']') {
      inArray = token === '['
    } else if (inArray || /^[(</\d.+-]/.test(token)) {
      operands.push(token)
    } else {
      if (token === 'Tf') font = fonts.get(operands.at(-2)?.slice(1) ?? '') ?? { width: 1 }
      text += shown(token, operands, font)
      operands = []
    }
  }
  return text.replace(/[ \t]+\n/g, '\n').replace(/\n{3,}/g, '\n\n')
}

function shown(operator: string, operands: readonly string[], font: PdfFont): string {
  switch (operator) {
    case 'Tj':
    case 'TJ':
      return operands
        .map((operand) => (isString(operand) ? decode(operand, font) : Number(operand) < WORD_GAP ? ' ' : ''))
        .join('')
    case "'":
    case '"':
      return `\n${decode(operands.at(-1) ?? '', font)}`
    case 'T*':
    case 'ET':
      return '\n'
    case 'Td':
    case 'TD':
      return Number(operands.at(-1)) === 0 ? ' ' : '\n'
    case 'Tm':
      return '\n'
    default:
      return ''
  }
}

function isString(operand: string): boolean {
  return operand.startsWith('(') || operand.startsWith('<')
}

function decode(operand: string, font: PdfFont): string {
  const codes = operand.startsWith('<') ? hexBytes(operand) : literalBytes(operand)
  if (font.letters === undefined) return font.width === 1 ? codes : ''
  let text = ''
  for (let at = 0; at + font.width <= codes.length; at += font.width) {
    const code =
      font.width === 1 ? codes.charCodeAt(at) : codes.charCodeAt(at) * 256 + codes.charCodeAt(at + 1)
    text += font.letters.get(code) ?? (font.width === 1 ? (codes[at] ?? '') : '')
  }
  return text
}

function hexBytes(operand: string): string {
  const digits = operand.replace(/[^0-9a-fA-F]/g, '')
  return (digits.match(/.{1,2}/g) ?? [])
    .map((pair) => String.fromCharCode(Number.parseInt(pair.padEnd(2, '0'), 16)))
    .join('')
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', '\n': '' }

function literalBytes(operand: string): string {
  return operand
    .slice(1, -1)
    .replace(/\\([0-7]{1,3}|[\s\S])/g, (_, escaped: string) =>
      /^[0-7]/.test(escaped)
        ? String.fromCharCode(Number.parseInt(escaped, 8) & 0xff)
        : (ESCAPES[escaped] ?? escaped),
    )
}
