import { heldSuffixLength } from './held-suffix.ts'

/** Takes out texts that belong to a model's chat template and leak (`<|im_end|>`), also when split over pieces. */
export interface ControlTokens {
  /** The part of the text so far that can go out. */
  push(text: string): string
  /** What was held and turned out to be text. */
  flush(): string
}

export function createControlTokens(tokens: readonly string[]): ControlTokens {
  const words = tokens.filter((token) => token !== '')
  let held = ''
  return {
    push(text) {
      let rest = held + text
      for (const word of words) if (rest.includes(word)) rest = rest.replaceAll(word, '')
      const length = heldSuffixLength(rest, words)
      held = rest.slice(rest.length - length)
      return rest.slice(0, rest.length - length)
    },
    flush() {
      const rest = held
      held = ''
      return rest
    },
  }
}
