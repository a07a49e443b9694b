import { type AttributeValue, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'

/** The table's partition keys. `caller` rows are issued API keys; the rules of `callers:` are a setting. */
export const ROW_KINDS = ['provider', 'model', 'setting', 'caller'] as const

export type RowKind = (typeof ROW_KINDS)[number]

/** One item of the table. */
export interface MapRow {
  readonly kind: RowKind
  readonly name: string
  /** The entry as JSON text: what `gateway.yaml` holds at this place. */
  readonly document: string
  /** Counts the writes of this row; a write names the version that it replaces. */
  readonly version: number
  readonly updatedAt: string
  readonly updatedBy: string
}

/** All rows of one kind, in the order of their names. One Query, as many pages as it takes. */
export async function readRows(
  client: DynamoDBClient,
  table: string,
  kind: RowKind,
  signal?: AbortSignal,
): Promise<MapRow[]> {
  const rows: MapRow[] = []
  let from: Record<string, AttributeValue> | undefined
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'kind = :kind',
        ExpressionAttributeValues: { ':kind': { S: kind } },
        // The map is small and read rarely; whoever has just pushed wants to see it.
        ConsistentRead: true,
        ExclusiveStartKey: from,
      }),
      { abortSignal: signal },
    )
    rows.push(...(page.Items ?? []).map((item) => toRow(kind, item)))
    from = page.LastEvaluatedKey
  } while (from !== undefined)
  return rows
}

/** All rows of all kinds, read side by side. */
export async function readAllRows(
  client: DynamoDBClient,
  table: string,
  signal?: AbortSignal,
): Promise<MapRow[]> {
  const kinds = await Promise.all(ROW_KINDS.map((kind) => readRows(client, table, kind, signal)))
  return kinds.flat()
}

/** An item that somebody wrote by hand may lack anything but its key; its document then fails to parse. */
function toRow(kind: RowKind, item: Record<string, AttributeValue>): MapRow {
  return {
    kind,
    name: item['name']?.S ?? '',
    document: item['document']?.S ?? '',
    version: Number(item['version']?.N ?? 0),
    updatedAt: item['updated_at']?.S ?? '',
    updatedBy: item['updated_by']?.S ?? '',
  }
}
