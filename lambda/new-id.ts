import { randomBytes } from 'node:crypto'

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz'

/** `req_01…`, `msg_01…`: the form of Anthropic's own ids, 22 random letters and digits. */
export function newId(prefix: 'req' | 'msg'): string {
  let id = `${prefix}_01`
  for (const byte of randomBytes(22)) id += ALPHABET[byte % ALPHABET.length]
  return id
}
