import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startGatewayProcess } from '../harness/gateway-process.ts'
import { startLambdaFront } from '../harness/lambda-front/lambda-front.ts'

/** A running gateway, whatever carries it. */
export interface Carrier {
  readonly url: string
  /** What the gateway has logged so far. */
  output(): string
  close(): Promise<void>
}

/** The two ways a user runs the gateway. Keys of the test's provider: `env:OFFICE_KEY`. */
export const CARRIERS: readonly {
  readonly name: string
  start(configuration: unknown): Promise<Carrier>
}[] = [
  {
    name: 'npm start',
    start: async (configuration) => {
      const gateway = await startGatewayProcess({ configuration, environment: { OFFICE_KEY: 'office-key' } })
      return { url: gateway.url, output: gateway.output, close: async () => void (await gateway.close()) }
    },
  },
  {
    name: 'the Lambda runtime behind a function URL',
    start: async (configuration) => {
      const folder = await mkdtemp(join(tmpdir(), 'messages-lambda-'))
      const file = join(folder, 'gateway.json')
      await writeFile(file, JSON.stringify(configuration))
      const front = await startLambdaFront({
        environment: { GATEWAY_CONFIG: file, OFFICE_KEY: 'office-key' },
        iam: {
          accountId: '123456789012',
          userArn: 'arn:aws:sts::123456789012:assumed-role/Developers/ada',
          userId: 'AROAEXAMPLE:ada',
        },
      })
      return {
        url: front.url,
        output: front.output,
        close: async () => {
          await front.close()
          await rm(folder, { recursive: true, force: true })
        },
      }
    },
  },
]
