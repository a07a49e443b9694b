import { fromDocuments, type ReadDocuments } from '../../lambda/map/map-documents.ts'
import { type MapRow, ROW_KINDS } from '../../lambda/map/map-rows.ts'
import { toDocument } from './map-changes.ts'
import type { MapTable } from './map-table.ts'

/** The table as an operator sees it: its rows, and what the gateway makes of them. */
export interface StoredMap extends ReadDocuments {
  readonly rows: readonly MapRow[]
}

export async function readMap(table: MapTable): Promise<StoredMap> {
  const rows = (await Promise.all(ROW_KINDS.map((kind) => table.rows(kind)))).flat()
  return { rows, ...fromDocuments(rows) }
}

export function findRow(rows: readonly MapRow[], kind: MapRow['kind'], name: string): MapRow | undefined {
  return rows.find((row) => row.kind === kind && row.name === name)
}

/** The rows in the shape of a gateway.yaml, the broken ones as they are: a file is the way to mend them. */
export function toDraft(rows: readonly MapRow[]): Record<string, unknown> {
  const section = (kind: MapRow['kind']) =>
    Object.fromEntries(rows.filter((row) => row.kind === kind).map((row) => [row.name, toDocument(row)]))
  return { providers: section('provider'), models: section('model'), ...section('setting') }
}
