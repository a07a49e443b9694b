/**
 * How many tokens a text has, near enough, in one pass and without a vocabulary: words, numbers, signs and scripts
 * each cost what they cost on average in the o200k vocabulary (measured against gpt-tokenizer 3 on English prose,
 * source code, JSON, base64 and eight other languages, 2026-11; docs/conversion.md, "Counting tokens").
 */
export function estimateTextTokens(text: string): number {
  let tokens = 0
  let index = 0
  while (index < text.length) {
    const start = index
    const kind = KINDS[text.charCodeAt(start)] ?? SIGN
    if (kind <= ACCENT) {
      // Words of camelCase are words of their own.
      let cost = 0
      let words = 0
      let accents = 0
      let wordStart = start
      let before = kind
      const longest = Math.min(text.length, start + LONGEST_RUN)
      for (;;) {
        if (before === ACCENT) accents += 1
        index += 1
        const letter = index < longest ? (KINDS[text.charCodeAt(index)] ?? SIGN) : SIGN
        if (letter > ACCENT || (letter === UPPER && before !== UPPER)) {
          cost += wordCost(index - wordStart)
          words += 1
          wordStart = index
          if (letter > ACCENT) break
        }
        before = letter
      }
      const length = index - start
      // Where case changes all the time (base64), there are no words.
      tokens += words > 1 && length / words < 3 ? length / 1.3 : cost + 0.3 * accents
    } else {
      const longest = Math.min(text.length, start + LONGEST_RUN)
      do index += 1
      while (index < longest && KINDS[text.charCodeAt(index)] === kind)
      tokens += costOf(kind, text, start, index)
    }
  }
  return tokens
}

/** A run is cut here, as a tokenizer would have to be cut, to stay linear. */
const LONGEST_RUN = 256

const LOWER = 0
const UPPER = 1
/** Letters of Latin beyond ASCII. */
const ACCENT = 2
const DIGIT = 3
const SPACE = 4
const NEWLINE = 5
const SIGN = 6
const CYRILLIC_GREEK = 7
const OTHER_ALPHABET = 8
const IDEOGRAPH = 9
const KANA_HANGUL = 10
const SURROGATE = 11

/** The class of every UTF-16 unit: one look per character is what makes this fast. */
const KINDS = Uint8Array.from({ length: 0x10000 }, (_, code) => kindOf(code))

function kindOf(code: number): number {
  if (code < 0x80) return asciiKind(code)
  if (code < 0x250) return code < 0xc0 ? SIGN : ACCENT
  if (code < 0x530) return CYRILLIC_GREEK
  if (code < 0x1e00) return OTHER_ALPHABET
  if (code < 0x2000) return ACCENT
  if (code < 0x3040) return SIGN
  if (code < 0x3400) return KANA_HANGUL
  if (code < 0xa000) return IDEOGRAPH
  if (code < 0xac00) return OTHER_ALPHABET
  if (code < 0xd7b0) return KANA_HANGUL
  if (code >= 0xd800 && code < 0xe000) return SURROGATE
  return code >= 0xff00 ? SIGN : IDEOGRAPH
}

function asciiKind(code: number): number {
  const character = String.fromCharCode(code)
  if (/[a-z]/.test(character)) return LOWER
  if (/[A-Z]/.test(character)) return UPPER
  if (/[0-9]/.test(character)) return DIGIT
  if (character === '\n' || character === '\r') return NEWLINE
  return /\s/.test(character) ? SPACE : SIGN
}

function costOf(kind: number, text: string, start: number, end: number): number {
  const length = end - start
  switch (kind) {
    case DIGIT:
      return Math.ceil(length / 3)
    case SPACE:
      // A single space belongs to the word after it; indentation is one token, whatever its length.
      return length === 1 ? 0 : length <= 16 ? 0.9 : length / 16
    case NEWLINE:
      // After a sign it belongs to the sign: `;` and `{` take their line end along.
      return start > 0 && KINDS[text.charCodeAt(start - 1)] === SIGN ? 0.25 : 0.85
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

function wordCost(length: number): number {
  if (length <= 6) return 1
  if (length <= 12) return 1 + (length - 6) * 0.05
  return 1.3 + (length - 12) * 0.3
}

/**
 * Signs stand together in one token (`();`, `":{"`), and one right before a word goes with the word (`.json`, `_id`).
 * A repeated one is a line of its own.
 */
function signsCost(text: string, start: number, end: number): number {
  const length = end - start
  if (length === 1) return end < text.length && (KINDS[text.charCodeAt(end)] ?? SIGN) <= ACCENT ? 0.5 : 1
  if (length <= 3) return 0.7 + 0.22 * length
  let repeated = 1
  for (let index = start + 1; index < end; index += 1) {
    if (text.charCodeAt(index) === text.charCodeAt(index - 1)) repeated += 1
  }
  return repeated === length ? 1 + length / 32 : 0.45 * length
}
