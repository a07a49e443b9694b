import type { ChatContentPart, ChatMessage } from '../openai/chat-request.ts'
import type { Quirks } from '../providers/quirks.ts'
import { joinTexts, textsOf, toContent } from './content-parts.ts'

/**
 * Chat messages under construction. Parts of the user's that follow one another become one message, since some
 * chat templates refuse two in a row.
 */
export class ChatHistory {
  readonly #quirks: Quirks
  readonly #messages: ChatMessage[] = []
  /** The user message that may still grow; empty when the last message is not the user's. */
  #userParts: ChatContentPart[] = []

  constructor(quirks: Quirks) {
    this.#quirks = quirks
  }

  addUser(parts: readonly ChatContentPart[]): void {
    if (parts.length === 0) return
    if (this.#userParts.length === 0) this.#separateFromTools()
    this.#userParts.push(...parts)
  }

  /** A system message at its place. A provider that takes only one, in front, gets a later one as the user's text. */
  addSystem(parts: readonly ChatContentPart[]): void {
    if (parts.length === 0) return
    const role = this.#quirks.system_role
    if (role === 'user') {
      this.addUser(parts)
    } else if (this.#quirks.system_messages === 'anywhere' || this.#isEmpty()) {
      this.#closeUser()
      this.#messages.push({ role, content: toContent(parts, this.#quirks) })
    } else if (this.#onlySystemSoFar()) {
      const first = this.#messages[0]
      if (first !== undefined) first.content = toContent([...asParts(first.content), ...parts], this.#quirks)
    } else {
      this.addUser([{ type: 'text', text: `<system>\n${joinTexts(textsOf(parts))}\n</system>` }])
    }
  }

  addAssistant(message: ChatMessage): void {
    this.#closeUser()
    this.#messages.push(message)
  }

  addToolResult(message: ChatMessage): void {
    this.#closeUser()
    this.#messages.push(message)
  }

  finish(): ChatMessage[] {
    this.#closeUser()
    return this.#messages
  }

  #isEmpty(): boolean {
    return this.#messages.length === 0 && this.#userParts.length === 0
  }

  #onlySystemSoFar(): boolean {
    return (
      this.#userParts.length === 0 &&
      this.#messages.every((message) => message.role === this.#quirks.system_role)
    )
  }

  #separateFromTools(): void {
    if (!this.#quirks.assistant_after_tool || this.#messages.at(-1)?.role !== 'tool') return
    this.#messages.push({ role: 'assistant', content: 'I have the results.' })
  }

  #closeUser(): void {
    if (this.#userParts.length === 0) return
    this.#messages.push({ role: 'user', content: toContent(this.#userParts, this.#quirks) })
    this.#userParts = []
  }
}

function asParts(content: ChatMessage['content']): ChatContentPart[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : [...(content ?? [])]
}
