import type { Log } from './log.ts'

/** The log on a terminal: a time, a level, a message and `name=value` pairs on standard error. */
export function createLineLog(write: (line: string) => void, now: () => Date = () => new Date()): Log {
  const line =
    (level: string) =>
    (message: string, fields: Record<string, unknown> = {}) => {
      const pairs = Object.entries(fields)
        .filter(([, value]) => value !== undefined)
        .map(
          ([name, value]) =>
            ` ${name}=${typeof value === 'string' && !/[\s"=]/.test(value) ? value : JSON.stringify(value)}`,
        )
      write(`${now().toTimeString().slice(0, 8)} ${level} ${message}${pairs.join('')}\n`)
    }
  return { debug: () => undefined, info: line('info '), warn: line('warn '), error: line('error') }
}
