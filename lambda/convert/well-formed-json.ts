/**
 * A body as JSON in which every character is whole. A text that a client or a tool cut between two surrogates goes out as
 * the escape of one of them, which no UTF-8 can hold: vLLM and others fail on it, and the conversation could never go on.
 */
export function toWellFormedJson(body: unknown): string {
  const json = JSON.stringify(body)
  // JSON.stringify escapes a surrogate only where it stands alone; an escaped backslash before it is text.
  return json.includes('\\ud')
    ? json.replaceAll(/(\\\\)|\\ud[89a-f][0-9a-f]{2}/g, (_, backslash?: string) => backslash ?? '\ufffd')
    : json
}
