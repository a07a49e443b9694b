import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import type { MessagesRequest } from '../../lambda/anthropic/messages-request.ts'
import { toChatRequest } from '../../lambda/convert/chat-request.ts'
import { inflate } from '../../lambda/convert/inflate.ts'
import { extractPdfText } from '../../lambda/convert/pdf-text.ts'
import { cases } from '../harness/cases.ts'
import { testTarget } from '../harness/test-target.ts'

const base64 = (binary: string) => Buffer.from(binary, 'latin1').toString('base64')
const stream = (content: string) => `<< /Length ${content.length} >>\nstream\n${content}\nendstream`
const deflated = (content: string) => {
  const packed = deflateSync(Buffer.from(content, 'latin1')).toString('latin1')
  return `<< /Length ${packed.length} /Filter /FlateDecode >>\nstream\n${packed}\nendstream`
}

/** A PDF of these objects, numbered from 1; the first is the catalogue, the second the page tree. */
const pdf = (...objects: string[]) =>
  base64(
    `%PDF-1.5\n${objects.map((object, index) => `${index + 1} 0 obj\n${object}\nendobj\n`).join('')}%%EOF`,
  )
const CATALOG = '<< /Type /Catalog /Pages 2 0 R >>'
const onePage = (content: string, ...more: string[]) =>
  pdf(
    CATALOG,
    '<< /Type /Pages /Kids [3 0 R] /Resources << /Font << /F1 5 0 R >> >> >>',
    '<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>',
    content,
    ...more,
  )

describe('the text of a PDF', () => {
  test('is read from plain and from packed streams', () => {
    const content = 'BT /F1 12 Tf 72 700 Td (Hello \\(PDF\\)) Tj 0 -14 Td [(wor) 20 (ld) -300 (42)] TJ ET'
    assert.equal(extractPdfText(onePage(stream(content))), 'Hello (PDF)\nworld 42')
    assert.equal(extractPdfText(onePage(deflated(content))), 'Hello (PDF)\nworld 42')
  })

  test('comes page by page in the order of the page tree', () => {
    const page = (number: number) => `<< /Type /Page /Contents ${number} 0 R >>`
    const file = pdf(
      CATALOG,
      '<< /Type /Pages /Kids [4 0 R 3 0 R] >>',
      page(5),
      page(6),
      stream('(second) Tj'),
      stream('(first) Tj'),
    )
    assert.equal(extractPdfText(file), 'first\n\nsecond')
  })

  test('is read by the font’s own table of letters', () => {
    const table =
      '1 begincodespacerange <0000> <ffff> endcodespacerange 1 beginbfchar <0001> <00480065> endbfchar 2 beginbfrange <0002> <0003> <006C> <0010> <0011> [<006F> <20AC>] endbfrange'
    const file = onePage(
      deflated('/F1 9 Tf <000100020002> Tj <00100011> Tj'),
      '<< /Type /Font /Subtype /Type0 /ToUnicode 6 0 R >>',
      deflated(table),
    )
    assert.equal(extractPdfText(file), 'Hello€')
  })

  test('is found where objects stand packed together', () => {
    const first = '<< /Type /Page /Contents 4 0 R >>'
    const header = '3 0 '
    const packed = deflateSync(Buffer.from(header + first, 'latin1')).toString('latin1')
    const holder = `<< /Type /ObjStm /N 1 /First ${header.length} /Filter /FlateDecode /Length ${packed.length} >>\nstream\n${packed}\nendstream`
    const file = base64(
      `%PDF-1.5\n1 0 obj ${CATALOG} endobj 2 0 obj << /Type /Pages /Kids [3 0 R] >> endobj 4 0 obj ${stream('(packed) Tj')} endobj 9 0 obj ${holder} endobj`,
    )
    assert.equal(extractPdfText(file), 'packed')
  })

  test('is not there in an encrypted, scanned, broken or foreign file', () => {
    const nothing = [
      base64('%PDF-1.4 trailer << /Encrypt 9 0 R >> 1 0 obj << /Type /Page >>'),
      onePage('<< /Filter /DCTDecode >>\nstream\nxx\nendstream'),
      onePage('<< /Filter /FlateDecode >>\nstream\nnot packed\nendstream'),
      base64('hello'),
      '***',
      '',
    ]
    for (const file of nothing) assert.equal(extractPdfText(file), undefined)
  })

  test('of a hostile file ends', () => {
    const hostile = [
      '1 0 obj '.repeat(50_000),
      '1 0 obj stream '.repeat(50_000),
      `1 0 obj << /Type /Catalog /Pages 2 0 R >> ${Array.from({ length: 20_000 }, (_, index) => `${index + 2} 0 obj << /Kids [${index + 3} 0 R] >> `).join('')}`,
      `1 0 obj << /Type /Page /Contents 2 0 R >> 2 0 obj << /Filter /FlateDecode >> stream\n${deflateSync('('.repeat(20_000_000)).toString('latin1')}\nendstream`,
    ]
    for (const file of hostile) assert.doesNotThrow(() => extractPdfText(base64(`%PDF-1.4 ${file}`)))
  })
})

test('what zlib packs is unpacked again, at every level, up to the limit', () => {
  const data = fc.oneof(
    fc.uint8Array({ maxLength: 3000 }),
    fc.array(fc.constantFrom(1, 2), { maxLength: 3000 }).map((list) => Uint8Array.from(list)),
  )
  fc.assert(
    fc.property(data, fc.constantFrom(0, 1, 9), (bytes, level) => {
      const packed = deflateSync(bytes, { level }).toString('latin1')
      assert.equal(inflate(packed, bytes.length), Buffer.from(bytes).toString('latin1'))
      if (bytes.length > 0) assert.equal(inflate(packed, bytes.length - 1), undefined)
    }),
    cases(60),
  )
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 100 }),
      (bytes) => void inflate(Buffer.from(bytes).toString('latin1'), 10_000),
    ),
    cases(200),
  )
})

describe('a PDF in a request', () => {
  const document = (data: string) => ({
    type: 'document',
    title: 'a.pdf',
    source: { type: 'base64', media_type: 'application/pdf', data },
  })
  const convert = (blocks: MessagesRequest['messages'][number]['content'], quirks = {}) =>
    toChatRequest(
      { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: blocks }] },
      testTarget(quirks),
      { messageId: 'msg_1', alias: 'm' },
    ).body.messages

  test('goes as a file where the model takes files', () => {
    const data = onePage(stream('(Hello) Tj'))
    assert.deepEqual(convert([document(data)], { files: 'pdf' })[0]?.content, [
      { type: 'file', file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${data}` } },
    ])
  })

  test('goes as its text elsewhere, and is named where it has none', () => {
    assert.equal(
      convert([document(onePage(stream('(Hello) Tj')))])[0]?.content,
      '<document title="a.pdf">\nHello\n</document>',
    )
    assert.match(
      String(convert([document(base64('%PDF-1.4 nothing'))])[0]?.content),
      /A PDF "a\.pdf" was left out here/,
    )
  })

  test('inside a tool result follows the tool messages as a file', () => {
    const messages: MessagesRequest['messages'] = [
      { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'Read', input: {} }] },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 'a',
            content: [{ type: 'text', text: 'read' }, document('AAAA')],
          },
        ],
      },
    ]
    const { body } = toChatRequest({ model: 'm', max_tokens: 9, messages }, testTarget({ files: 'pdf' }), {
      messageId: 'msg_1',
      alias: 'm',
    })
    assert.deepEqual(
      body.messages.map((message) => message.role),
      ['assistant', 'tool', 'user'],
    )
    assert.equal(body.messages[1]?.content, 'read\n\n[A file: see the next user message.]')
  })

  test('by address is named, by file id refused, and other documents are text', () => {
    const at = (source: object) =>
      convert([{ type: 'document', title: 't', context: 'c', source }])[0]?.content
    assert.match(
      String(at({ type: 'url', url: 'https://example.com/a.pdf' })),
      /https:\/\/example\.com\/a\.pdf "t" was left out/,
    )
    assert.throws(
      () => at({ type: 'file', file_id: 'f' }),
      /messages\.0\.content\.0\.source: files of the Files API/,
    )
    assert.equal(
      at({ type: 'text', media_type: 'text/plain', data: 'body' }),
      '<document title="t">\nc\n\nbody\n</document>',
    )
    assert.equal(
      at({ type: 'content', content: [{ type: 'text', text: 'body' }] }),
      '<document title="t">\nc\nbody\n\n</document>',
    )
  })
})
