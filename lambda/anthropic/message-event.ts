import type Anthropic from '@anthropic-ai/sdk'

/** The answer side of the Messages API, in the SDK's own types. */
export type Message = Anthropic.Message
export type StopReason = Anthropic.StopReason
export type Usage = Anthropic.Usage

/** A ping carries nothing; it keeps the connection and the client's 300 s timer alive. */
export interface PingEvent {
  readonly type: 'ping'
}

/** The last event of a stream that failed after its first byte. Shape: `toErrorEnvelope`. */
export interface ErrorEvent {
  readonly type: 'error'
  readonly error: { readonly type: string; readonly message: string }
  readonly request_id?: string
}

export type MessageEvent = Anthropic.RawMessageStreamEvent
/** What may stand on the wire: the message's own events, pings, and one error at the end. */
export type WireEvent = MessageEvent | PingEvent | ErrorEvent
