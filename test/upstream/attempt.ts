import type { MessageEvent } from '../../lambda/anthropic/message-event.ts'
import type { MessagesRequest } from '../../lambda/anthropic/messages-request.ts'
import type { ProviderKeys } from '../../lambda/keys/provider-keys.ts'
import type { Log } from '../../lambda/log.ts'
import type { Target } from '../../lambda/map/target.ts'
import { STANDARD } from '../../lambda/providers/quirks.ts'
import type { Attempt } from '../../lambda/upstream/exchange.ts'

/** What the exchanges need of a turn, with defaults that a test overrides. */

export interface LogLine {
  readonly level: string
  readonly message: string
  readonly fields: Record<string, unknown>
}

export function createRecordingLog(): Log & { readonly lines: LogLine[] } {
  const lines: LogLine[] = []
  const at =
    (level: string) =>
    (message: string, fields: Record<string, unknown> = {}) =>
      void lines.push({ level, message, fields })
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** Hands out the keys in order; each refresh goes to the next. */
export function createKeys(...values: string[]): ProviderKeys & { readonly refreshed: () => number } {
  let at = 0
  return {
    get: async () => values[Math.min(at, values.length - 1)] ?? '',
    refresh: async () => {
      at += 1
    },
    refreshed: () => at,
  }
}

export function makeTarget(changes: Partial<Target> = {}): Target {
  return {
    provider: 'office',
    model: 'scripted-model',
    dialect: 'chat',
    authentication: 'bearer',
    url: 'http://127.0.0.1:9/v1/chat/completions',
    key: 'env:OFFICE_KEY',
    headers: {},
    options: {},
    quirks: STANDARD,
    parameters: {},
    timeouts: { connectSeconds: 10, firstByteSeconds: 240, idleSeconds: 120 },
    retries: { maxRetries: 2, maxSeconds: 60 },
    ...changes,
  }
}

export function makeRequest(changes: Partial<MessagesRequest> = {}): MessagesRequest {
  return {
    model: 'claude-test',
    max_tokens: 100,
    stream: true,
    messages: [{ role: 'user', content: 'Say hello.' }],
    ...changes,
  }
}

export function makeAttempt(changes: Partial<Attempt> & { readonly target: Target }): Attempt {
  const request = changes.request ?? makeRequest()
  return {
    request,
    requestJson: Buffer.from(JSON.stringify(request)),
    requestHeaders: {},
    requestId: 'req_test',
    messageId: 'msg_test',
    alias: request.model,
    signal: new AbortController().signal,
    keys: createKeys('key-one'),
    log: createRecordingLog(),
    ...changes,
  }
}

export async function collected(events: AsyncIterable<readonly MessageEvent[]>): Promise<MessageEvent[]> {
  const all: MessageEvent[] = []
  for await (const batch of events) all.push(...batch)
  return all
}

export function textOf(events: readonly MessageEvent[]): string {
  return events
    .map((event) =>
      event.type === 'content_block_delta' && event.delta.type === 'text_delta' ? event.delta.text : '',
    )
    .join('')
}
