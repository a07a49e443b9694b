import type { Log } from './log.ts'

/** The log on a terminal: a time, a level, a message and `name=value` pairs on standard error. */
export function createLineLog(write: (line: string) => void, now: () => Date = () => new Date()): Log {
  const line =
    (level: string) =>
    (message: string, fields: Record<string, unknown> = {}) => {
      let text = `${timeOfDay(now())} ${level} ${message}`
      for (const [name, value] of Object.entries(fields)) {
        if (value !== undefined) text += ` ${name}=${isPlain(value) ? value : JSON.stringify(value)}`
      }
      write(`${text}\n`)
    }
  return { debug: () => undefined, info: line('info '), warn: line('warn '), error: line('error') }
}

function isPlain(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && !/[\s"=]/.test(value))
}

/** By hand: `toTimeString` looks the name of the time zone up, which takes longer than all the rest. */
function timeOfDay(date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => (part < 10 ? `0${part}` : `${part}`))
    .join(':')
}
