/** Environment variables of a predecessor, from the process or from its `.env`. */
export type Variables = Readonly<Record<string, string | undefined>>

/** The value, or undefined where the variable is missing or empty. */
export function textOf(variables: Variables, name: string): string | undefined {
  return variables[name]?.trim() || undefined
}

/** A whole number above 0; anything else counts as not set, as 0 does with the predecessors. */
export function countOf(variables: Variables, name: string): number | undefined {
  const value = Number(textOf(variables, name))
  return Number.isInteger(value) && value > 0 ? value : undefined
}

/** `8082`, `:3001` or `127.0.0.1:3001` as a port; undefined where it is none. */
export function portOf(variables: Variables, name: string): number | undefined {
  const port = Number(/(?:^|:)(\d+)$/.exec(textOf(variables, name) ?? '')?.[1])
  return port > 0 && port < 65_536 ? port : undefined
}

/** `true`, `1`, `yes`, `on`; undefined where the variable is missing. */
export function flagOf(variables: Variables, name: string): boolean | undefined {
  const value = textOf(variables, name)
  return value === undefined ? undefined : /^(true|1|yes|on)$/i.test(value)
}

export function hasAny(variables: Variables, ...names: readonly string[]): boolean {
  return names.some((name) => textOf(variables, name) !== undefined)
}

/** The draft without fields that are undefined: it is going to be read by people. */
export function withoutUndefined<Draft extends object>(draft: Draft): Draft {
  return Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== undefined)) as Draft
}
