import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MessagesRequest, RequestBlock } from '../../lambda/anthropic/messages-request.ts'
import { holdsImages } from '../../lambda/convert/holds-images.ts'
import { toLatestImageOnly, withoutImages } from '../../lambda/convert/latest-image-only.ts'

const IMAGE = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } }
const text = (value: string): RequestBlock => ({ type: 'text', text: value })
const asking = (...contents: (string | RequestBlock[])[]): MessagesRequest => ({
  model: 'glm',
  max_tokens: 100,
  system: 'You are helpful.',
  tools: [{ name: 'weather', input_schema: { type: 'object' } }],
  tool_choice: { type: 'auto' },
  messages: contents.map((content, index) => ({ role: index % 2 === 0 ? 'user' : 'assistant', content })),
})

test('images are found in messages, in history and in tool results', () => {
  assert.equal(holdsImages(asking('Hello')), false)
  assert.equal(holdsImages(asking([text('look'), IMAGE])), true)
  assert.equal(holdsImages(asking([IMAGE], 'seen', 'and now?')), true)
  assert.equal(
    holdsImages(asking([{ type: 'tool_result', tool_use_id: 'a', content: [text('x'), IMAGE] }])),
    true,
  )
  assert.equal(holdsImages(asking([{ type: 'tool_result', tool_use_id: 'a', content: 'x' }])), false)
})

test('the latest image goes alone: no history, no system prompt, no tools', () => {
  const trimmed = toLatestImageOnly(asking('before', 'answer', [text('What is it?'), IMAGE]))
  assert.deepEqual(trimmed?.messages, [{ role: 'user', content: [text('What is it?'), IMAGE] }])
  assert.equal(trimmed?.system, undefined)
  assert.equal(trimmed?.tools, undefined)
  assert.equal(trimmed?.tool_choice, undefined)
})

test('of the text the last block of its own stays, and of it the last 1500 characters', () => {
  const long = `${'a'.repeat(2000)}END`
  const trimmed = toLatestImageOnly(
    asking([text('first'), text(long), text('  '), text('<system-reminder>x'), text('[Image: 3 kB]'), IMAGE]),
  )
  assert.deepEqual(trimmed?.messages[0]?.content, [text(long.slice(-1500)), IMAGE])
})

test('images by URL are left out, and images alone stay alone', () => {
  const byUrl = { type: 'image', source: { type: 'url', url: 'https://example.com/x.png' } }
  assert.deepEqual(toLatestImageOnly(asking([byUrl, IMAGE]))?.messages[0]?.content, [IMAGE])
})

test('an image in a tool result or in history does not count; earlier images are named as left out', () => {
  assert.equal(
    toLatestImageOnly(asking([{ type: 'tool_result', tool_use_id: 'a', content: [IMAGE] }])),
    undefined,
  )
  const later = asking([text('look'), IMAGE], 'seen', 'and now?')
  assert.equal(toLatestImageOnly(later), undefined)
  const [first] = withoutImages(later).messages
  assert.ok(Array.isArray(first?.content))
  assert.equal(first.content[1]?.type, 'text')
  assert.match(String(first.content[1]?.['text']), /left out/)
})
