import type { Log } from './log.ts'

/** The log on a terminal: a time, a level, a message and `name=value` pairs on standard error. */
export function createLineLog(write: (line: string) => void, now: () => Date = () => new Date()): Log {
  const line =
    (level: string) =>
    (message: string, fields: Record<string, unknown> = {}) => {
      let text = `${timeOfDay(now())} ${level} ${message}`
      for (const [name, value] of Object.entries(fields)) {
        if (value !== undefined) text += ` ${name}=${isPlain(value) ? value : quoted(value)}`
      }
      write(`${text}\n`)
    }
  return { debug: () => undefined, info: line('info '), warn: line('warn '), error: line('error') }
}

function isPlain(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && !/[\s"=\p{C}]/u.test(value))
}

/**
 * As JSON, without what a terminal would obey or show in another order (model names and paths are the callers' own
 * words): JSON leaves the control characters above 0x7f and the bidirectional ones as they are.
 */
function quoted(value: unknown): string | undefined {
  return JSON.stringify(value)?.replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (sign) => `\\u${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  )
}

/** By hand: `toTimeString` looks the name of the time zone up, which takes longer than all the rest. */
function timeOfDay(date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => (part < 10 ? `0${part}` : `${part}`))
    .join(':')
}
