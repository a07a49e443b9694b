/**
 * Says what is new in each piece of a text. Most providers send only what is new; MiniMax's own samples read deltas
 * that hold the whole text so far, and some send the whole message once more at the end.
 */
export class UnseenText {
  /** Everything new so far. */
  received = ''
  readonly #cumulative: boolean

  /** `cumulative`: the provider is known for it, so any text at the beginning of the next piece is a repetition. */
  constructor(cumulative: boolean) {
    this.#cumulative = cumulative
  }

  of(piece: string): string {
    return this.#note(this.#repeats(piece) ? piece.slice(this.received.length) : piece)
  }

  /**
   * Where nobody has said so, a piece must go on from the whole of a text that nobody writes twice by chance: the same
   * long piece sent again is new text, and so is a line of dashes that gets longer.
   */
  #repeats(piece: string): boolean {
    const { length } = this.received
    if (length === 0 || piece.length < length || !piece.startsWith(this.received)) return false
    if (this.#cumulative) return true
    return (
      piece.length > length &&
      length >= SURE_REPEAT &&
      new Set(this.received.slice(0, 200)).size >= SURE_LETTERS
    )
  }

  /** Of a text that is the whole so far; one that is worded differently has nothing new. */
  ofWhole(whole: string): string {
    return whole.startsWith(this.received) ? this.#note(whole.slice(this.received.length)) : ''
  }

  #note(text: string): string {
    this.received += text
    return text
  }
}

/** A text this long, of this many different characters, does not begin a longer delta by chance. */
const SURE_REPEAT = 40
const SURE_LETTERS = 8
