import { isRecord } from './block-fields.ts'

/**
 * What must travel from one turn to the next stands in the signature of a thinking block: no server state.
 * Only the provider and model that wrote it get it back; another provider's signature is dropped.
 */
export interface CarriedReasoning {
  readonly provider: string
  readonly model: string
  /** The reasoning, where the block's own text does not show it. */
  readonly text?: string
  /** `reasoning_details`, as the provider wants them back. */
  readonly details?: readonly unknown[]
  /** Gemini's thought_signature, by tool call id. */
  readonly toolSignatures?: Readonly<Record<string, string>>
}

/** Marks our signatures; the number changes with the meaning of what follows. */
const PREFIX = 'ml1.'

export function encodeThinkingSignature(carried: CarriedReasoning): string {
  const json = JSON.stringify({
    p: carried.provider,
    m: carried.model,
    t: carried.text,
    d: carried.details,
    s: carried.toolSignatures,
  })
  return PREFIX + toBase64Url(new TextEncoder().encode(json))
}

/** `undefined` for every signature that is not ours, or that was damaged on the way. */
export function decodeThinkingSignature(signature: string): CarriedReasoning | undefined {
  if (!signature.startsWith(PREFIX)) return undefined
  const json = fromBase64Url(signature.slice(PREFIX.length))
  if (json === undefined) return undefined
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return undefined
  }
  if (!isRecord(value) || typeof value['p'] !== 'string' || typeof value['m'] !== 'string') return undefined
  const { t: text, d: details, s: toolSignatures } = value
  return {
    provider: value['p'],
    model: value['m'],
    ...(typeof text === 'string' && { text }),
    ...(Array.isArray(details) && { details }),
    ...(isRecord(toolSignatures) && { toolSignatures: onlyStrings(toolSignatures) }),
  }
}

function onlyStrings(record: Record<string, unknown>): Record<string, string> {
  const strings: Record<string, string> = {}
  for (const [name, value] of Object.entries(record)) if (typeof value === 'string') strings[name] = value
  return strings
}

/** `String.fromCharCode` takes its characters as arguments, of which there can be only so many. */
const SLICE = 8192

function toBase64Url(bytes: Uint8Array): string {
  let binary = ''
  for (let at = 0; at < bytes.length; at += SLICE)
    binary += String.fromCharCode(...bytes.subarray(at, at + SLICE))
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

function fromBase64Url(text: string): string | undefined {
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
    const bytes = new Uint8Array(binary.length)
    for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at)
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
