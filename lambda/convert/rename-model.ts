const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN = new Set([0x7b, 0x5b])
const CLOSE = new Set([0x7d, 0x5d])
const COLON = 0x3a
const SPACES = new Set([0x20, 0x09, 0x0a, 0x0d])

/**
 * The same JSON object with another value of its own `model` field; every other byte stays as it was, so that what the
 * passthrough sends is what the caller wrote. The JSON has been parsed before; of several `model` fields all change.
 */
export function renameModel(json: Uint8Array, model: string): Uint8Array {
  const value = new TextEncoder().encode(JSON.stringify(model))
  const pieces: Uint8Array[] = []
  let kept = 0
  for (const { start, end } of modelValues(json)) {
    pieces.push(json.subarray(kept, start), value)
    kept = end
  }
  pieces.push(json.subarray(kept))
  return joined(pieces)
}

/** Where the values of the outermost object's `model` fields stand, quotes included. */
function* modelValues(json: Uint8Array): Generator<{ start: number; end: number }> {
  let depth = 0
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] ?? 0
    if (OPEN.has(byte)) depth += 1
    else if (CLOSE.has(byte)) depth -= 1
    else if (byte === QUOTE) {
      const end = stringEnd(json, at)
      const colon = afterSpaces(json, end)
      const isField = depth === 1 && json[colon] === COLON
      if (isField && isModel(json.subarray(at, end))) {
        const start = afterSpaces(json, colon + 1)
        const valueEnd = json[start] === QUOTE ? stringEnd(json, start) : start
        if (valueEnd > start) yield { start, end: valueEnd }
        at = Math.max(valueEnd, colon + 1) - 1
      } else {
        at = end - 1
      }
    }
  }
}

/** Past the closing quote. */
function stringEnd(json: Uint8Array, start: number): number {
  let at = start + 1
  while (at < json.length && json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1
  return Math.min(at + 1, json.length)
}

function afterSpaces(json: Uint8Array, start: number): number {
  let at = start
  while (SPACES.has(json[at] ?? 0)) at += 1
  return at
}

/** A name may be written with escapes. */
function isModel(quoted: Uint8Array): boolean {
  if (quoted.length > 64) return false
  return JSON.parse(new TextDecoder().decode(quoted)) === 'model'
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
