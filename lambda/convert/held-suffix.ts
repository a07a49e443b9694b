/**
 * How many characters at the end of `text` may be the beginning of one of `words`: they have to be held until
 * the next piece shows whether the word goes on. A word that stands there whole is not counted.
 */
export function heldSuffixLength(text: string, words: readonly string[]): number {
  let longest = 0
  for (const word of words) {
    let length = Math.min(word.length - 1, text.length)
    while (length > longest && !text.endsWith(word.slice(0, length))) length--
    if (length > longest) longest = length
  }
  return longest
}
