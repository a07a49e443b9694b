/** A target as it is written: `provider/model`, split at the first slash, or `provider:model` in a URL. */
export interface TargetReference {
  readonly provider: string
  readonly model: string
}

/** Splits at the first separator; undefined when one of the halves is empty. */
export function splitTarget(text: string, separator: '/' | ':' = '/'): TargetReference | undefined {
  const at = text.indexOf(separator)
  if (at <= 0 || at === text.length - 1) return undefined
  return { provider: text.slice(0, at), model: text.slice(at + 1) }
}
