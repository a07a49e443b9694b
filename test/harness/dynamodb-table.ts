import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb'
import dynalite from 'dynalite'

/** What the table does to the next requests, until told otherwise. */
export type TableFault = 'none' | 'throttled' | 'denied' | 'slow' | 'garbage' | 'server_error'

export interface DynamodbTable {
  /** For `AWS_ENDPOINT_URL_DYNAMODB`. */
  readonly endpoint: string
  readonly table: string
  readonly client: DynamoDBClient
  /** A client with the SDK's usual patience switched off, for tests of faults. */
  hastyClient(): DynamoDBClient
  fault: TableFault
  /** How many requests have come, faults included. */
  readonly requests: () => number
  /** Puts an entry as the command line would, without asking for a version. */
  put(kind: string, name: string, document: unknown, version?: number): Promise<void>
  /** The same with a document that is no JSON. */
  putText(kind: string, name: string, document: string, version?: number): Promise<void>
  deleteTable(): Promise<void>
  close(): Promise<void>
}

/** For child processes and clients: any credentials do. */
export const TEST_CREDENTIALS = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
} as const

const FAULTS: Readonly<Record<'throttled' | 'denied' | 'server_error', { status: number; type: string }>> = {
  throttled: { status: 400, type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException' },
  denied: { status: 400, type: 'com.amazon.coral.service#AccessDeniedException' },
  server_error: { status: 500, type: 'com.amazonaws.dynamodb.v20120810#InternalServerError' },
}

/** dynalite with the model map's table, behind a door that can be told to misbehave. */
export async function startDynamodbTable(table = 'ModelMap'): Promise<DynamodbTable> {
  const database = dynalite({ createTableMs: 0, deleteTableMs: 0 })
  const databasePort = await listen(database)
  let requests = 0
  const state: { fault: TableFault } = { fault: 'none' }
  const door = createServer((incoming, outgoing) => {
    requests += 1
    const { fault } = state
    if (fault === 'slow') return // never answers; the client gives up
    if (fault === 'garbage') {
      outgoing.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end('<html>not today</html>')
      return
    }
    if (fault !== 'none') {
      const { status, type } = FAULTS[fault]
      outgoing.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
      outgoing.end(JSON.stringify({ __type: type, message: `the test says ${fault}` }))
      return
    }
    const inner = request(
      {
        port: databasePort,
        host: '127.0.0.1',
        method: incoming.method,
        path: incoming.url,
        headers: incoming.headers,
      },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(outgoing)
      },
    )
    inner.on('error', () => outgoing.destroy())
    incoming.pipe(inner)
  })
  const endpoint = `http://127.0.0.1:${await listen(door)}`
  const credentials = {
    accessKeyId: TEST_CREDENTIALS.AWS_ACCESS_KEY_ID,
    secretAccessKey: TEST_CREDENTIALS.AWS_SECRET_ACCESS_KEY,
  }
  const client = new DynamoDBClient({ endpoint, region: TEST_CREDENTIALS.AWS_REGION, credentials })
  const clients = [client]
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'kind', AttributeType: 'S' },
        { AttributeName: 'name', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'kind', KeyType: 'HASH' },
        { AttributeName: 'name', KeyType: 'RANGE' },
      ],
    }),
  )
  return {
    endpoint,
    table,
    client,
    hastyClient() {
      const hasty = new DynamoDBClient({
        endpoint,
        region: TEST_CREDENTIALS.AWS_REGION,
        credentials,
        maxAttempts: 1,
        requestHandler: { requestTimeout: 1500, throwOnRequestTimeout: true },
      })
      clients.push(hasty)
      return hasty
    },
    get fault() {
      return state.fault
    },
    set fault(fault) {
      state.fault = fault
    },
    requests: () => requests,
    put: (kind, name, document, version) => putText(kind, name, JSON.stringify(document), version),
    putText,
    async deleteTable() {
      await client.send(new DeleteTableCommand({ TableName: table }))
    },
    async close() {
      for (const each of clients) each.destroy()
      await Promise.all([shut(door), shut(database)])
    },
  }

  async function putText(kind: string, name: string, document: string, version = 1): Promise<void> {
    await client.send(
      new PutItemCommand({
        TableName: table,
        Item: {
          kind: { S: kind },
          name: { S: name },
          document: { S: document },
          version: { N: String(version) },
          updated_at: { S: '2026-11-20T00:00:00.000Z' },
          updated_by: { S: 'test' },
        },
      }),
    )
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((done, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => done((server.address() as AddressInfo).port))
  })
}

function shut(server: Server): Promise<void> {
  return new Promise((done) => {
    server.close(() => done())
    server.closeAllConnections?.()
  })
}
