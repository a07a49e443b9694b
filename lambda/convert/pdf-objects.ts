import { inflate } from './inflate.ts'

/** One object of a PDF: its own text, and its stream unpacked where we can. */
export interface PdfObject {
  readonly text: string
  readonly stream?: string
}

/** More than a person reads; an archive bomb is cut off here. */
export const MOST_PDF_BYTES = 8 * 1024 * 1024

/**
 * The objects of a PDF by number, found by their marks rather than by the table of contents, which is often broken.
 * @returns undefined when the file is encrypted, or no PDF.
 */
export function readPdfObjects(file: string): Map<string, PdfObject> | undefined {
  if (!file.slice(0, 1024).includes('%PDF-') || /\/Encrypt\s+\d/.test(file)) return undefined
  const objects = new Map<string, PdfObject>()
  const marks = [...file.matchAll(/(\d{1,9})\s+\d{1,5}\s+obj\b/g)]
  let left = MOST_PDF_BYTES
  marks.forEach((mark, index) => {
    const object = readObject(file, mark.index + mark[0].length, marks[index + 1]?.index ?? file.length, left)
    left -= object.stream?.length ?? 0
    objects.set(mark[1] ?? '', object)
  })
  for (const object of [...objects.values()]) addCompressed(object, objects)
  return objects
}

/** Everything up to `end`, where the next object begins, belongs to this one. */
function readObject(file: string, start: number, end: number, limit: number): PdfObject {
  const whole = file.slice(start, end)
  const streamAt = whole.indexOf('stream')
  if (streamAt === -1) return { text: whole }
  const text = whole.slice(0, streamAt)
  const from = start + streamAt + 'stream'.length + (file.startsWith('\r\n', start + streamAt + 6) ? 2 : 1)
  const stream = unpack(text, file.slice(from, streamEnd(file, text, from, end)), limit)
  return stream === undefined ? { text } : { text, stream }
}

/** The length, where it is written out and right; else the next end mark. */
function streamEnd(file: string, text: string, from: number, end: number): number {
  const length = Number(/\/Length\s+(\d+)(?!\s+\d+\s+R)/.exec(text)?.[1] ?? Number.NaN)
  if (/^\s*endstream/.test(file.slice(from + length, from + length + 16))) return from + length
  const mark = file.slice(from, end).indexOf('endstream')
  return mark === -1 ? end : from + mark
}

function unpack(text: string, data: string, limit: number): string | undefined {
  const filter = /\/Filter\s*(\[[^\]]*\]|\/\w+)/.exec(text)?.[1]?.replace(/[[\]\s]/g, '')
  if (limit <= 0) return undefined
  if (filter === undefined) return data.slice(0, limit)
  return filter === '/FlateDecode' && !text.includes('/Predictor') ? inflate(data, limit) : undefined
}

/** Since PDF 1.5 small objects stand together in a stream: pairs of number and place, then the objects. */
function addCompressed(holder: PdfObject, objects: Map<string, PdfObject>): void {
  if (holder.stream === undefined || !/\/Type\s*\/ObjStm\b/.test(holder.text)) return
  const first = Number(/\/First\s+(\d+)/.exec(holder.text)?.[1] ?? 0)
  const pairs = holder.stream.slice(0, first).trim().split(/\s+/).map(Number)
  let left = holder.stream.length
  for (let index = 0; index + 1 < pairs.length && left > 0; index += 2) {
    const from = first + (pairs[index + 1] ?? 0)
    const to = index + 3 < pairs.length ? first + (pairs[index + 3] ?? 0) : holder.stream.length
    const text = holder.stream.slice(from, to)
    // Places that overlap would make more text than there is.
    left -= text.length
    objects.set(String(pairs[index]), { text })
  }
}
