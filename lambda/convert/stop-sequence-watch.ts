import { heldSuffixLength } from './held-suffix.ts'

/** What of the text may go out, and the sequence that was met, which ends the message. */
export interface WatchedText {
  readonly text: string
  readonly matched?: string
}

/** Looks for the caller's stop sequences in the answer's text, also across the borders of pieces. */
export interface StopSequenceWatch {
  push(text: string): WatchedText
  flush(): string
}

export function createStopSequenceWatch(sequences: readonly string[]): StopSequenceWatch {
  const words = sequences.filter((sequence) => sequence !== '')
  let held = ''
  return {
    push(text) {
      const rest = held + text
      let first = -1
      let matched: string | undefined
      for (const word of words) {
        const at = rest.indexOf(word)
        if (at >= 0 && (first < 0 || at < first)) {
          first = at
          matched = word
        }
      }
      if (matched !== undefined) {
        held = ''
        return { text: rest.slice(0, first), matched }
      }
      const length = heldSuffixLength(rest, words)
      held = rest.slice(rest.length - length)
      return { text: rest.slice(0, rest.length - length) }
    },
    flush() {
      const rest = held
      held = ''
      return rest
    },
  }
}
