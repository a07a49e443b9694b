import { isDeepStrictEqual } from 'node:util'
import { stringify } from 'yaml'
import type { MapDocument } from '../../lambda/map/map-documents.ts'
import type { MapRow } from '../../lambda/map/map-rows.ts'
import { CommandError } from './command.ts'
import { diffLines } from './diff-lines.ts'
import type { MapTable } from './map-table.ts'

type DocumentKind = MapDocument['kind']

/** One entry that is to become another, as the table stands now. */
export interface MapChange {
  readonly kind: DocumentKind
  readonly name: string
  /** Undefined: there is none yet. */
  readonly before: unknown
  /** Undefined: it goes. */
  readonly after: unknown
  /** The version that the change was made for; undefined: there must be no row. */
  readonly replaces: number | undefined
}

/** A provider is written before the models that use it, and removed after them: no turn sees half of a push. */
const WRITE_ORDER: readonly DocumentKind[] = ['provider', 'model', 'setting']

/** What turns the rows into the documents, in the order in which it must be done. */
export function planChanges(rows: readonly MapRow[], documents: readonly MapDocument[]): MapChange[] {
  const writes = documents.flatMap((document) => {
    const row = rows.find((each) => each.kind === document.kind && each.name === document.name)
    return planChange(row, document.kind, document.name, document.document)
  })
  const removals = rows
    .filter((row) => !documents.some((each) => each.kind === row.kind && each.name === row.name))
    .flatMap((row) => (row.kind === 'caller' ? [] : planChange(row, row.kind, row.name, undefined)))
  const place = (change: MapChange) => WRITE_ORDER.indexOf(change.kind)
  return [
    ...writes.sort((left, right) => place(left) - place(right)),
    ...removals.sort((left, right) => place(right) - place(left)),
  ]
}

/** The change of one entry, or nothing when it is so already. */
export function planChange(
  row: MapRow | undefined,
  kind: DocumentKind,
  name: string,
  after: unknown,
): MapChange[] {
  const before = row && toDocument(row)
  // What JSON leaves out is no difference.
  const plain: unknown = after === undefined ? undefined : JSON.parse(JSON.stringify(after))
  if (row === undefined ? plain === undefined : isDeepStrictEqual(before, plain)) return []
  return [{ kind, name, before, after: plain, replaces: row?.version }]
}

/** A row's document; text that is no JSON stays text, so that it can be seen and replaced. */
export function toDocument({ document }: MapRow): unknown {
  try {
    return JSON.parse(document)
  } catch {
    return document
  }
}

const SECTIONS: Readonly<Record<DocumentKind, string>> = {
  provider: 'providers.',
  model: 'models.',
  setting: '',
}

/** For people: a line per entry, below it what goes (-) and what comes (+). */
export function toDiffLines(changes: readonly MapChange[]): string[] {
  return changes.flatMap((change) => {
    const { kind, name, before, after } = change
    const mark = before === undefined ? '+' : after === undefined ? '-' : '~'
    const lines = diffLines(toYamlLines(before), toYamlLines(after))
    return [`${mark} ${SECTIONS[kind]}${name}`, ...lines.map(({ sign, text }) => `${sign}     ${text}`)]
  })
}

function toYamlLines(document: unknown): string[] {
  return document === undefined
    ? []
    : stringify(document, { lineWidth: 0, sortMapEntries: true }).trimEnd().split('\n')
}

/**
 * Writes the changes one by one, each over the very version that it was planned for.
 * @throws CommandError that says how far it came; what is written stands, and a second run does the rest.
 */
export async function applyChanges(table: MapTable, changes: readonly MapChange[]): Promise<void> {
  for (const [index, { kind, name, after, replaces }] of changes.entries()) {
    try {
      if (after === undefined) await table.remove({ kind, name, replaces })
      else await table.write({ kind, name, document: after, replaces })
    } catch (cause) {
      if (!(cause instanceof CommandError)) throw cause
      throw new CommandError(
        `${SECTIONS[kind]}${name}: ${cause.message} Written before it: ${index} of ${changes.length}.`,
        { cause },
      )
    }
  }
}
