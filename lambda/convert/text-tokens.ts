/**
 * How many tokens a text has, near enough, in one pass and without a vocabulary: words, numbers, signs and scripts
 * each cost what they cost on average in the o200k vocabulary (measured against gpt-tokenizer 3 on English prose,
 * source code, JSON, base64 and eight other languages, 2026-11; docs/conversion.md, "Counting tokens").
 */
export function estimateTextTokens(text: string): number {
  let tokens = 0
  let index = 0
  while (index < text.length) {
    const kind = kindOf(text.charCodeAt(index))
    const start = index
    do index += 1
    while (index < text.length && index - start < LONGEST_RUN && kindOf(text.charCodeAt(index)) === kind)
    tokens += costOf(kind, text, start, index)
  }
  return tokens
}

/** A run is cut here, as a tokenizer would have to be cut, to stay linear. */
const LONGEST_RUN = 256

const LETTER = 0
const DIGIT = 1
const SPACE = 2
const NEWLINE = 3
const SIGN = 4
const CYRILLIC_GREEK = 5
const OTHER_ALPHABET = 6
const IDEOGRAPH = 7
const KANA_HANGUL = 8
const SURROGATE = 9

/** Classes of the first 128 characters; the rest by range. */
const ASCII_KINDS = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code)
  if (/[A-Za-z]/.test(character)) return LETTER
  if (/[0-9]/.test(character)) return DIGIT
  if (character === '\n' || character === '\r') return NEWLINE
  if (/\s/.test(character)) return SPACE
  return SIGN
})

function kindOf(code: number): number {
  if (code < 0x80) return ASCII_KINDS[code] ?? SIGN
  if (code < 0x250) return code < 0xc0 ? SIGN : LETTER
  if (code < 0x530) return CYRILLIC_GREEK
  if (code < 0x1e00) return OTHER_ALPHABET
  if (code < 0x2000) return LETTER
  if (code < 0x3040) return SIGN
  if (code < 0x3400) return KANA_HANGUL
  if (code < 0xa000) return IDEOGRAPH
  if (code < 0xac00) return OTHER_ALPHABET
  if (code < 0xd7b0) return KANA_HANGUL
  if (code >= 0xd800 && code < 0xe000) return SURROGATE
  return code >= 0xff00 ? SIGN : IDEOGRAPH
}

function costOf(kind: number, text: string, start: number, end: number): number {
  const length = end - start
  switch (kind) {
    case LETTER:
      return lettersCost(text, start, end)
    case DIGIT:
      return Math.ceil(length / 3)
    case SPACE:
      // A single space belongs to the word after it; indentation is one token, whatever its length.
      return length === 1 ? 0 : length <= 16 ? 0.9 : length / 16
    case NEWLINE:
      // After a sign it belongs to the sign: `;` and `{` take their line end along.
      return start > 0 && kindOf(text.charCodeAt(start - 1)) === SIGN ? 0.25 : 0.85
    case SIGN:
      return signsCost(text, start, end)
    case CYRILLIC_GREEK:
      return 0.16 * length + 0.3
    case OTHER_ALPHABET:
      return 0.31 * length
    case IDEOGRAPH:
      return 0.66 * length
    case KANA_HANGUL:
      return 0.62 * length
    default:
      // Half of an emoji, or of a rare ideograph.
      return 0.85 * length
  }
}

/** Words of camelCase are words of their own; where case changes all the time (base64), there are no words. */
function lettersCost(text: string, start: number, end: number): number {
  let cost = 0
  let words = 0
  let accents = 0
  let wordStart = start
  for (let index = start + 1; index <= end; index += 1) {
    if (text.charCodeAt(index - 1) >= 0x80) accents += 1
    if (index < end && !(isUpper(text, index) && !isUpper(text, index - 1))) continue
    cost += wordCost(index - wordStart)
    words += 1
    wordStart = index
  }
  const length = end - start
  return words > 1 && length / words < 3 ? length / 1.3 : cost + 0.3 * accents
}

function wordCost(length: number): number {
  if (length <= 6) return 1
  if (length <= 12) return 1 + (length - 6) * 0.05
  return 1.3 + (length - 12) * 0.3
}

function isUpper(text: string, index: number): boolean {
  const code = text.charCodeAt(index)
  return code >= 0x41 && code <= 0x5a
}

/**
 * Signs stand together in one token (`();`, `":{"`), and one right before a word goes with the word (`.json`, `_id`).
 * A repeated one is a line of its own.
 */
function signsCost(text: string, start: number, end: number): number {
  const length = end - start
  if (length === 1) return end < text.length && kindOf(text.charCodeAt(end)) === LETTER ? 0.5 : 1
  if (length <= 3) return 0.7 + 0.22 * length
  let repeated = 1
  for (let index = start + 1; index < end; index += 1) {
    if (text.charCodeAt(index) === text.charCodeAt(index - 1)) repeated += 1
  }
  return repeated === length ? 1 + length / 32 : 0.45 * length
}
