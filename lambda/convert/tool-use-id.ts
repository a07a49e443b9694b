/**
 * The id under which the caller sees a tool call: unique in the conversation as far as it is known, and made of the
 * characters that the Messages API allows. Claude Code runs only one of two calls that share an id.
 */
export function toToolUseId(
  providerId: string,
  ordinal: number,
  messageId: string,
  isTaken: (id: string) => boolean,
): string {
  const base = providerId === '' ? `toolu_${messageId.replace(/^msg_/, '')}_${ordinal}` : escapeId(providerId)
  let id = base
  for (let again = 2; isTaken(id); again++) id = `${base}_${again}`
  return id
}

const ALLOWED = /^[a-zA-Z0-9_-]+$/

/** Kimi's `functions.read:0` becomes `functions_x2e_read_x3a_0`. */
function escapeId(id: string): string {
  if (ALLOWED.test(id)) return id
  let escaped = ''
  for (const character of id)
    escaped += ALLOWED.test(character) ? character : `_x${(character.codePointAt(0) ?? 0).toString(16)}_`
  return escaped
}

/** The id as the provider wrote it: Kimi's models do worse when its form changes in the history. */
export function toProviderToolId(id: string): string {
  return id.replace(/_x([0-9a-f]{2,6})_/g, (written, digits: string) => {
    const code = Number.parseInt(digits, 16)
    return code <= 0x10ffff ? String.fromCodePoint(code) : written
  })
}
