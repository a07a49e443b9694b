/**
 * Says what is new in each piece of a text. Most providers send only what is new; MiniMax's own samples read deltas
 * that hold the whole text so far, and some send the whole message once more at the end.
 */
export class UnseenText {
  /** Everything new so far. */
  received = ''
  readonly #shortestRepeat: number

  /** `cumulative`: even a short text at the beginning of the next piece is a repetition. */
  constructor(cumulative: boolean) {
    this.#shortestRepeat = cumulative ? 1 : SURE_REPEAT
  }

  of(piece: string): string {
    const { length } = this.received
    const repeats =
      length >= this.#shortestRepeat && piece.length >= length && piece.startsWith(this.received)
    return this.#note(repeats ? piece.slice(length) : piece)
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

/** A text this long does not begin the next delta by chance. */
const SURE_REPEAT = 40
