import { randomUUID } from 'node:crypto'

/** `req_01…`, `msg_01…`: the form of Anthropic's own ids. A UUID, because Node keeps random bytes ready for those. */
export function newId(prefix: 'req' | 'msg'): string {
  return `${prefix}_01${randomUUID().replaceAll('-', '')}`
}
