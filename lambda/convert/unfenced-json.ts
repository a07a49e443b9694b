import { heldSuffixLength } from './held-suffix.ts'

/**
 * Takes the code fence off an answer that was to be JSON and nothing else. Where the provider knows no schema the model is
 * asked in words, and small models fence their JSON all the same; the caller's parser takes no fence.
 */
export interface UnfencedJson {
  /** The part of the text so far that can go out. */
  push(text: string): string
  /** What was held and turned out to be text. */
  flush(): string
}

/** At the very beginning: white space, three backticks, a word, the end of the line. */
const OPENING = /^\s*```[a-zA-Z0-9]*[ \t]*\r?\n/
const MAY_OPEN = /^\s*(?:`{1,2}|```[a-zA-Z0-9]*[ \t]*\r?)?$/
const FENCE = '```'

export function createUnfencedJson(): UnfencedJson {
  let held = ''
  let place: 'beginning' | 'fenced' | 'plain' = 'beginning'
  return {
    push(text) {
      if (place === 'plain') return text
      held += text
      if (place === 'beginning') {
        if (MAY_OPEN.test(held)) return ''
        place = OPENING.test(held) ? 'fenced' : 'plain'
        held = held.replace(OPENING, '')
      }
      const at = place === 'plain' ? held.length : endOfJson(held)
      const ready = held.slice(0, at)
      held = held.slice(at)
      return ready
    },
    flush() {
      const rest = place === 'fenced' && held.includes(FENCE) ? '' : held
      held = ''
      return rest
    },
  }
}

/** Where what may be the closing fence begins: it waits, with the white space around it. */
function endOfJson(text: string): number {
  const trimmed = text.trimEnd()
  if (trimmed.endsWith(FENCE)) return trimmed.slice(0, -FENCE.length).trimEnd().length
  const ticks = trimmed.length < text.length ? 0 : heldSuffixLength(text, [FENCE])
  return trimmed.slice(0, trimmed.length - ticks).trimEnd().length
}
