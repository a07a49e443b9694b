import type { Quirks } from '../providers/quirks.ts'
import { heldSuffixLength } from './held-suffix.ts'

/** A stretch of the answer's content, told apart by the tags that a model or server leaves in it. */
export interface ContentPiece {
  readonly kind: 'text' | 'reasoning'
  readonly text: string
}

export interface ReasoningTags {
  push(text: string): ContentPiece[]
  flush(): ContentPiece[]
  /** The answer was to begin inside a tag, and none closed: it may have been plain text. */
  readonly neverClosed: boolean
  /** The answer does not begin inside a tag after all. Too late once some of it was read. */
  beginOutside(): void
}

/**
 * Splits `<think>…</think>` out of the content, wherever the chunks are cut.
 * At the start of an answer white space may come first, and several pairs may follow each other (Bedrock).
 * A closing tag without an opening one belongs to an opening tag that the chat template held (Qwen on vLLM):
 * all of what has not gone out yet is reasoning, and the tag itself is taken out, unless it stands in quotes.
 */
export function createReasoningTags(
  names: readonly string[],
  where: Quirks['reasoning_tags_where'],
): ReasoningTags {
  return new TagSplitter(names, where)
}

/** `start`: nothing but white space so far. `text`: in the answer. `reasoning`: between the tags. */
type Place = 'start' | 'text' | 'reasoning'

interface FoundTag {
  readonly at: number
  readonly length: number
  readonly closing: boolean
}

class TagSplitter implements ReasoningTags {
  readonly #tags: readonly string[]
  readonly #closingTags: readonly string[]
  readonly #anywhere: boolean
  #place: Place
  #held = ''
  #closed = false
  #insideFirst: boolean
  /** An opening tag stood in the text as text, so a closing one belongs to it. */
  #literalOpening = false
  /** White space between a closing tag and the text after it belongs to neither. */
  #afterTag = false
  #beforeHeld = ''
  #sentText = false
  /** The template holds the opening tag, and some servers send it all the same. */
  #mayReopen: boolean

  constructor(names: readonly string[], where: Quirks['reasoning_tags_where']) {
    this.#closingTags = names.map((name) => `</${name.toLowerCase()}>`)
    this.#tags = [...names.map((name) => `<${name.toLowerCase()}>`), ...this.#closingTags]
    this.#anywhere = where === 'anywhere'
    this.#insideFirst = where === 'already_open'
    this.#mayReopen = this.#insideFirst
    this.#place = this.#insideFirst ? 'reasoning' : 'start'
  }

  get neverClosed(): boolean {
    return this.#insideFirst && !this.#closed
  }

  beginOutside(): void {
    if (!this.#mayReopen || this.#held !== '') return
    this.#insideFirst = false
    this.#mayReopen = false
    this.#place = 'start'
  }

  push(text: string): ContentPiece[] {
    // Nearly every piece of an answer: text after the beginning, without a bracket, with nothing waiting.
    if (this.#place === 'text' && this.#held === '' && !this.#afterTag && !text.includes('<'))
      return this.#asText(text)
    const pieces: ContentPiece[] = []
    if (this.#mayReopen) this.#readBeginning(this.#held + text, pieces)
    else if (this.#place === 'start' && text.trim() === '' && this.#held.trim() === '') this.#held += text
    else this.#read(this.#held + text, false, pieces)
    return pieces
  }

  flush(): ContentPiece[] {
    const pieces: ContentPiece[] = []
    this.#mayReopen = false
    if (this.#held !== '') this.#read(this.#held, true, pieces)
    return pieces
  }

  #asText(text: string): ContentPiece[] {
    this.#sentText = true
    this.#beforeHeld = text.at(-1) ?? this.#beforeHeld
    return [{ kind: 'text', text }]
  }

  #readBeginning(content: string, pieces: ContentPiece[]): void {
    const beginning = content.trimStart()
    const lower = beginning.toLowerCase()
    const tag = this.#tags.find((candidate) => lower.startsWith(candidate))
    this.#mayReopen = tag === undefined && this.#tags.some((candidate) => candidate.startsWith(lower))
    if (this.#mayReopen) this.#held = content
    else if (tag === undefined || tag.startsWith('</')) this.#read(content, false, pieces)
    else this.#read(beginning.slice(tag.length), false, pieces)
  }

  #read(content: string, last: boolean, pieces: ContentPiece[]): void {
    this.#held = ''
    let rest = content
    while (rest !== '') {
      const tag = this.#nextTag(rest)
      if (tag === undefined) break
      const before = rest.slice(0, tag.at)
      const after = rest.slice(tag.at + tag.length)
      if (tag.closing && this.#place !== 'reasoning' && !this.#sentText)
        this.#put('reasoning', before, pieces)
      // White space before the first tag belongs to neither.
      else if (this.#place !== 'start' || before.trim() !== '')
        this.#put(this.#place === 'reasoning' ? 'reasoning' : 'text', before, pieces)
      if (tag.closing) {
        this.#closed = true
        this.#afterTag = true
        this.#place = this.#sentText ? 'text' : 'start'
      } else this.#place = 'reasoning'
      rest = after
    }
    if (rest === '') return
    const length = last ? 0 : this.#heldLength(rest)
    this.#held = rest.slice(rest.length - length)
    const ready = rest.slice(0, rest.length - length)
    if (ready === '') return
    if (this.#place === 'start' && ready.trim() === '' && !last) this.#held = ready + this.#held
    else this.#put(this.#place === 'reasoning' ? 'reasoning' : 'text', ready, pieces)
  }

  #put(kind: ContentPiece['kind'], text: string, pieces: ContentPiece[]): void {
    const ready = kind === 'text' && this.#afterTag ? text.trimStart() : text
    if (ready === '') return
    if (kind === 'text') {
      this.#afterTag = false
      this.#sentText = true
      this.#place = 'text'
      this.#beforeHeld = ready.at(-1) ?? ''
    }
    pieces.push({ kind, text: ready })
  }

  /** The next tag that counts at this place. */
  #nextTag(rest: string): FoundTag | undefined {
    const lower = rest.toLowerCase()
    for (let at = lower.indexOf('<'); at >= 0; at = lower.indexOf('<', at + 1)) {
      const tag = this.#tags.find((candidate) => lower.startsWith(candidate, at))
      if (tag === undefined) continue
      const closing = tag.startsWith('</')
      if (this.#counts(closing, rest, at)) return { at, length: tag.length, closing }
      if (!closing && this.#place !== 'reasoning') this.#literalOpening = true
    }
    return undefined
  }

  #counts(closing: boolean, rest: string, at: number): boolean {
    if (this.#place === 'reasoning') return closing
    if (!closing) return this.#anywhere || (this.#place === 'start' && rest.slice(0, at).trim() === '')
    const before = at > 0 ? rest.charAt(at - 1) : this.#beforeHeld
    return !this.#literalOpening && before !== '`' && before !== '"' && before !== "'"
  }

  #heldLength(rest: string): number {
    const open = rest.lastIndexOf('<')
    if (open < 0) return 0
    const words = this.#place === 'reasoning' ? this.#closingTags : this.#tags
    return heldSuffixLength(rest.slice(open).toLowerCase(), words)
  }
}
