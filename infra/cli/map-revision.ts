import { createHash } from 'node:crypto'
import type { MapRow } from '../../lambda/map/map-rows.ts'

/** `config pull` notes in the file which state of the table it shows; `config push` sees whether it is still that one. */
const NOTE = /^# revision: ([0-9a-f]{16})$/m

/** A short name for one state of the table. Issued keys do not count: they are not in the file. */
export function revisionOf(rows: readonly MapRow[]): string {
  const states = rows
    .filter(({ kind }) => kind !== 'caller')
    .map(({ kind, name, version, document }) => [kind, name, version, document])
    .sort((left, right) => (String(left) < String(right) ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(states)).digest('hex').slice(0, 16)
}

export function revisionIn(text: string): string | undefined {
  return NOTE.exec(text)?.[1]
}

/** The text with another revision in its note; without a note it stays as it is. */
export function withRevision(text: string, revision: string): string {
  return text.replace(NOTE, `# revision: ${revision}`)
}
