/**
 * A short hash that is the same on every machine and in every run: FNV-1a, 32 bits per round, with another start
 * for each further eight digits. For names and cache keys; it is no protection against a determined guesser.
 */
export function stableHash(text: string, digits: number): string {
  let hash = ''
  for (let round = 0; hash.length < digits; round += 1) hash += fnv1a(text, round)
  return hash.slice(0, digits)
}

function fnv1a(text: string, round: number): string {
  let state = (0x811c9dc5 ^ Math.imul(round, 0x9e3779b1)) >>> 0
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    state = Math.imul(state ^ (unit & 0xff), 0x01000193)
    state = Math.imul(state ^ (unit >>> 8), 0x01000193)
  }
  return (state >>> 0).toString(16).padStart(8, '0')
}
