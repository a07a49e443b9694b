/**
 * Whether reasoning in tags of the content is what a field has told already: servers that parse the tags and leave them
 * where they were send it twice. Once it is anything else it counts.
 */
export class ToldReasoning {
  #at = 0
  #repeats = true

  /** `told`: all that came in a field so far. */
  repeats(told: string, piece: string): boolean {
    if (!this.#repeats || told === '') return false
    if (this.#at === 0) this.#at = told.length - told.trimStart().length
    for (const text of [piece, piece.trimStart(), piece.trimEnd(), piece.trim()]) {
      if (!told.startsWith(text, this.#at)) continue
      this.#at += text.length
      return true
    }
    this.#repeats = false
    return false
  }
}
