import { createInterface } from 'node:readline'

/** A small MCP server on standard input and output: one tool whose result holds text, an image and text. */

const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg=='

interface RpcRequest {
  readonly id?: number | string
  readonly method: string
  readonly params?: { readonly protocolVersion?: string; readonly arguments?: { readonly city?: string } }
}

function resultOf({ method, params }: RpcRequest): unknown {
  switch (method) {
    case 'initialize':
      return {
        protocolVersion: params?.protocolVersion ?? '2025-06-18',
        capabilities: { tools: {} },
        serverInfo: { name: 'weather', version: '1.0.0' },
      }
    case 'tools/list':
      return {
        tools: [
          {
            name: 'forecast',
            description: 'The forecast for a city.',
            inputSchema: {
              $schema: 'http://json-schema.org/draft-07/schema#',
              type: 'object',
              properties: { city: { $ref: '#/$defs/city' } },
              required: ['city'],
              $defs: { city: { type: 'string', description: 'Name of the city' } },
            },
          },
        ],
      }
    case 'tools/call':
      return {
        content: [
          { type: 'text', text: `sunny in ${params?.arguments?.city}` },
          { type: 'image', data: PIXEL, mimeType: 'image/png' },
          { type: 'text', text: 'until the evening' },
        ],
      }
    default:
      return {}
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as RpcRequest
  if (request.id === undefined) continue
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id: request.id, result: resultOf(request) })}\n`)
}
