import type { PdfObject } from './pdf-objects.ts'

/** What the codes of one font mean. */
export interface PdfFont {
  /** Bytes per code. */
  readonly width: 1 | 2
  /** Absent: the codes are Latin letters themselves, or unreadable where they have two bytes. */
  readonly letters?: ReadonlyMap<number, string>
}

/** The font of an object, with its ToUnicode table where it has one. */
export function readFont(font: PdfObject, objects: ReadonlyMap<string, PdfObject>): PdfFont {
  const width = /\/Subtype\s*\/Type0\b/.test(font.text) ? 2 : 1
  const table = objects.get(/\/ToUnicode\s+(\d+)/.exec(font.text)?.[1] ?? '')?.stream
  return table === undefined ? { width } : { width, letters: readLetters(table) }
}

/** Fonts hold at most 65 536 codes; a range beyond that is broken. */
const MOST_CODES = 0x10000

function readLetters(table: string): Map<number, string> {
  const letters = new Map<number, string>()
  for (const block of between(table, 'beginbfchar', 'endbfchar')) {
    for (const [, code = '', text = ''] of block.matchAll(/<([0-9a-fA-F]+)>\s*<([0-9a-fA-F\s]+)>/g)) {
      letters.set(Number.parseInt(code, 16), toText(text))
    }
  }
  for (const block of between(table, 'beginbfrange', 'endbfrange')) addRanges(block, letters)
  return letters
}

function between(table: string, begin: string, end: string): string[] {
  return table
    .split(begin)
    .slice(1)
    .map((block) => block.split(end, 1)[0] ?? '')
}

function addRanges(block: string, letters: Map<number, string>): void {
  for (const [, low = '', high = '', target = ''] of block.matchAll(
    /<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>\s*(<[0-9a-fA-F\s]+>|\[[^\]]*\])/g,
  )) {
    const first = Number.parseInt(low, 16)
    const count = Math.min(Number.parseInt(high, 16) - first + 1, MOST_CODES)
    if (target.startsWith('[')) {
      const texts = [...target.matchAll(/<([0-9a-fA-F\s]+)>/g)].map(([, text = '']) => toText(text))
      texts.slice(0, count).forEach((text, index) => {
        letters.set(first + index, text)
      })
    } else {
      const start = toText(target.slice(1, -1))
      const last = start.codePointAt(start.length - 1) ?? 0
      for (let index = 0; index < count && letters.size < MOST_CODES; index += 1) {
        letters.set(first + index, start.slice(0, -1) + String.fromCharCode(last + index))
      }
    }
  }
}

/** Hexadecimal UTF-16. */
function toText(hex: string): string {
  const digits = hex.replace(/\s/g, '')
  let text = ''
  for (let at = 0; at + 4 <= digits.length; at += 4)
    text += String.fromCharCode(Number.parseInt(digits.slice(at, at + 4), 16))
  return text === '' ? String.fromCharCode(Number.parseInt(digits, 16) || 0) : text
}
