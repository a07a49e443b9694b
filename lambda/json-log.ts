import { Logger } from '@aws-lambda-powertools/logger'
import type { Log } from './log.ts'

/** The log in AWS: one JSON object per line, by Powertools, which writes past the runtime's own wrapping. */
export function createJsonLog(): Log {
  const logger = new Logger({ serviceName: process.env['POWERTOOLS_SERVICE_NAME'] ?? 'messages-lambda' })
  return {
    debug: (message, fields = {}) => logger.debug(message, fields),
    info: (message, fields = {}) => logger.info(message, fields),
    warn: (message, fields = {}) => logger.warn(message, fields),
    error: (message, fields = {}) => logger.error(message, fields),
  }
}
