import { Logger } from '@aws-lambda-powertools/logger'
import type { Log } from './log.ts'

/** The log in AWS: one JSON object per line, by Powertools, which writes past the runtime's own wrapping. */
export function createJsonLog(): Log {
  const logger = new Logger({ serviceName: process.env['POWERTOOLS_SERVICE_NAME'] ?? 'messages-lambda' })
  const write = (level: keyof Log) => (message: string, fields?: Record<string, unknown>) =>
    fields ? logger[level](message, fields as Parameters<Logger['info']>[1] & object) : logger[level](message)
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}
