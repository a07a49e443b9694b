/** Requests of the benchmark, in the shape that Claude Code sends. */

const TOOL = {
  name: 'write',
  description: 'Writes a text.',
  input_schema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
}

/** A request whose JSON is about this many bytes: a short prompt, or a long history of tool calls. */
export function requestOfSize(model: string, bytes: number): Buffer {
  const messages: unknown[] = [{ role: 'user', content: 'Begin.' }]
  const text = 'The quick brown fox jumps over the lazy dog.\n'.repeat(40)
  let size = 700
  for (let index = 0; size + 4200 < bytes; index++) {
    const id = `toolu_${index}`
    messages.push(
      {
        role: 'assistant',
        content: [
          { type: 'text', text },
          { type: 'tool_use', id, name: 'write', input: { text: 'a word' } },
        ],
      },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: text }] },
    )
    size = 700 + (index + 1) * 3990
  }
  const last = messages.at(-1)
  if (messages.length === 1 && last) messages[0] = { role: 'user', content: 'Say a word. '.repeat(50) }
  return Buffer.from(
    JSON.stringify({
      model,
      max_tokens: 1024,
      stream: true,
      system: [{ type: 'text', text: 'You are a careful writer.' }],
      tools: [TOOL],
      messages,
    }),
  )
}
