import type { AnswerRules } from './answer-rules.ts'
import { createControlTokens } from './control-tokens.ts'
import { type ContentPiece, createReasoningTags } from './reasoning-tags.ts'
import { UnseenText } from './unseen-text.ts'

/** Content as the provider sends it → what is new in it, without control tokens, split by reasoning tags. */
export interface AnswerText {
  push(content: string): readonly ContentPiece[]
  /** Of a message that holds the whole answer so far. */
  pushWhole(content: string): readonly ContentPiece[]
  flush(): readonly ContentPiece[]
  /** Reasoning came in a field, so that content that has not begun will not begin with it. */
  reasoningElsewhere(): void
  /** Everything received, for the estimate of tokens. */
  readonly received: string
  /** The answer was to begin inside a reasoning tag, and that tag never closed. */
  readonly neverClosed: boolean
}

const NOTHING: readonly ContentPiece[] = []

export function createAnswerText(rules: AnswerRules): AnswerText {
  const { quirks } = rules
  const unseen = new UnseenText(quirks.cumulative_text)
  const tokens = quirks.control_tokens.length > 0 ? createControlTokens(quirks.control_tokens) : undefined
  const tags = createReasoningTags(quirks.reasoning_tags, quirks.reasoning_tags_where)

  function split(content: string): readonly ContentPiece[] {
    const text = tokens === undefined ? content : tokens.push(content)
    return text === '' ? NOTHING : tags.push(text)
  }

  return {
    get received() {
      return unseen.received
    },
    get neverClosed() {
      return tags.neverClosed
    },
    reasoningElsewhere: () => tags.beginOutside(),
    push: (content) => split(unseen.of(content)),
    pushWhole: (content) => split(unseen.ofWhole(content)),
    flush() {
      const rest = tokens?.flush() ?? ''
      const pieces = rest === '' ? NOTHING : tags.push(rest)
      return [...pieces, ...tags.flush()]
    },
  }
}
