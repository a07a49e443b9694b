/**
 * The arguments of one tool call as they arrive: in pieces, whole, whole again, or growing. What comes out is the
 * text of one JSON object, as early as it is certain; a whole object in one piece waits until the call ends,
 * because some servers send a placeholder `{}` first, or repeat the object with more in it.
 */
export class ToolArguments {
  /** Everything accepted so far. */
  #text = ''
  #unsent = ''
  #sentLength = 0
  /** A character that JSON does not have outside strings: `{'path': …}`. From there on nothing more is sent. */
  #broken = false
  /** The object arrived in a single piece. */
  #whole = false
  #cumulative = false
  #complete = false

  // The position in the JSON.
  #depth = 0
  #inString = false
  #escaped = false
  #lastCode = 0

  get text(): string {
    return this.#text
  }

  get isEmpty(): boolean {
    return this.#text === ''
  }

  /** The object is closed: what follows can only be a repetition. */
  get isComplete(): boolean {
    return this.#complete
  }

  /** An object that has begun and not ended. */
  get isCut(): boolean {
    return !this.#complete && this.#text.startsWith('{')
  }

  accept(piece: string): void {
    let fragment = this.#text === '' ? piece.trimStart() : piece
    if (fragment === '') return
    if (this.#complete) {
      this.#acceptAgain(fragment.trim())
      return
    }
    if (this.#repeats(fragment)) {
      this.#cumulative = true
      fragment = fragment.slice(this.#text.length)
    }
    const first = this.#text === ''
    const end = this.#append(fragment)
    this.#whole = first && this.#complete
    if (this.#complete && end < fragment.length) this.accept(fragment.slice(end))
  }

  /** What can go out now; with `last`, all that is left, made into JSON where it is none. */
  take(last: boolean): string {
    if (this.#text === '') return last ? '{}' : ''
    const unsent = this.#sentLength === 0
    if (unsent && last && (this.#broken || !this.isCut)) return this.#send(toObjectText(this.#text))
    if (this.#broken && last && this.#sentLength === 1) return this.#send(toRestOfObject(this.#text))
    if (!last && unsent && (this.#whole || !this.#text.startsWith('{'))) return ''
    return this.#send(this.#unsent)
  }

  #send(text: string): string {
    this.#unsent = ''
    this.#sentLength += text.length
    return text
  }

  /** After the object has closed: a placeholder or a shorter version makes way, anything else is a repetition. */
  #acceptAgain(fragment: string): void {
    if (this.#sentLength > 0 || !fragment.startsWith('{')) return
    if (this.#text !== '{}' && !grows(this.#text, fragment)) return
    this.#text = ''
    this.#unsent = ''
    this.#complete = false
    this.#depth = 0
    this.#lastCode = 0
    this.accept(fragment)
  }

  /** Whether a piece holds everything so far once more, which providers with cumulative deltas do. */
  #repeats(fragment: string): boolean {
    const { length } = this.#text
    if (length === 0 || fragment.charCodeAt(0) !== 123 || fragment.length < length) return false
    if (!fragment.startsWith(this.#text)) return false
    // After a colon or a bracket an object may well begin the way its parent began.
    const mayBeValue = !this.#inString && (this.#lastCode === 58 || this.#lastCode === 91)
    return this.#cumulative || !mayBeValue || length > 24
  }

  /** Returns where the object closed, or the fragment's length. */
  #append(fragment: string): number {
    let from = 0
    let ready = ''
    let at = 0
    for (; at < fragment.length && !this.#complete; at++) {
      const code = fragment.charCodeAt(at)
      if (this.#inString) {
        if (code < 32) {
          // A raw line break inside a string is no JSON; small models write it.
          ready += fragment.slice(from, at) + JSON.stringify(fragment.charAt(at)).slice(1, -1)
          from = at + 1
        }
        if (this.#escaped) this.#escaped = false
        else if (code === 92) this.#escaped = true
        else if (code === 34) this.#inString = false
        continue
      }
      if (code === 34) this.#inString = true
      else if (code === 123 || code === 91) this.#depth++
      else if (code === 125 || code === 93) {
        this.#depth--
        this.#complete = this.#depth === 0
      } else if (!isJsonCode(code) && !this.#broken) {
        this.#broken = true
        this.#unsent += ready + fragment.slice(from, at)
      }
      if (code > 32) this.#lastCode = code
    }
    ready += fragment.slice(from, at)
    this.#text += ready
    if (!this.#broken) this.#unsent += ready
    return at
  }
}

/** White space, digits, signs, and the letters of `true`, `false`, `null` and exponents. */
function isJsonCode(code: number): boolean {
  if (code <= 32 || code === 69) return true
  if (code >= 97 && code <= 122) return true
  return (code >= 48 && code <= 58) || (code >= 43 && code <= 46)
}

/** Whether `next` is the same object as `previous` with more in it. */
function grows(previous: string, next: string): boolean {
  return next.length > previous.length && next.startsWith(previous.replace(/["}\]\s]+$/, ''))
}

const NOTHING = new Set(['null', 'None', '""', 'undefined', 'nil'])

/**
 * Arguments that are no object. The SDK fails a stream whose tool input is no JSON, and a tool needs an object, so
 * the text goes under one key, where the tool's own check rejects it and the model sees what it wrote.
 */
function toObjectText(text: string): string {
  const trimmed = text.trim()
  if (trimmed === '' || NOTHING.has(trimmed)) return '{}'
  let value: unknown = text
  try {
    value = JSON.parse(trimmed)
    if (trimmed.startsWith('{')) return text
    // An object inside a string: encoded twice.
    if (typeof value === 'string' && value.trim().startsWith('{')) {
      const inner: unknown = JSON.parse(value)
      if (typeof inner === 'object' && inner !== null) return JSON.stringify(inner)
    }
  } catch {
    // Not JSON: it stays the text that it is.
  }
  return JSON.stringify({ arguments: value })
}

/** The same, when the opening bracket has gone out already. */
function toRestOfObject(text: string): string {
  return JSON.stringify({ arguments: text }).slice(1)
}
