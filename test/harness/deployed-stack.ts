import type { CommandInput } from '../../infra/cli/command.ts'
import { main } from '../../infra/cli/main.ts'
import { type CloudFormationEndpoint, startCloudFormation } from './cloudformation-endpoint.ts'
import { type DynamodbTable, startDynamodbTable, TEST_CREDENTIALS } from './dynamodb-table.ts'
import { type SecretsManagerEndpoint, startSecretsManager } from './secrets-manager-endpoint.ts'

export const SECRET_ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:ProviderKeys-AbCdEf'

/** Who runs a command, and what they type. */
export interface Operator {
  readonly directory?: string
  /** Standard input where there is no terminal. */
  readonly stdin?: string
  /** There is a terminal, and this is typed when a question comes. */
  readonly answer?: string
  readonly environment?: Readonly<Record<string, string>>
}

export interface CommandResult {
  readonly code: number
  readonly out: string
  readonly notes: string
}

/** Everything in AWS that the command line speaks to, on loopback. */
export interface DeployedStack {
  readonly table: DynamodbTable
  readonly secrets: SecretsManagerEndpoint
  readonly cloudFormation: CloudFormationEndpoint
  /** What the AWS SDK must find in the environment to come here; set for this process already. */
  readonly environment: Readonly<Record<string, string>>
  /** `messages-lambda …words`, in this process. */
  run(words: readonly string[], operator?: Operator): Promise<CommandResult>
  close(): Promise<void>
}

/** A freshly deployed stack: an empty table and an empty secret. */
export async function startDeployedStack(outputs: Record<string, string> = {}): Promise<DeployedStack> {
  const table = await startDynamodbTable()
  const secrets = await startSecretsManager({ [SECRET_ARN]: '{}' })
  const cloudFormation = await startCloudFormation({
    MessagesLambda: { TableName: table.table, SecretArn: SECRET_ARN, AccessMode: 'iam', ...outputs },
  })
  const environment = {
    ...TEST_CREDENTIALS,
    AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.endpoint,
    AWS_ENDPOINT_URL_CLOUDFORMATION: cloudFormation.endpoint,
  }
  const before = { ...process.env }
  Object.assign(process.env, environment)
  return {
    table,
    secrets,
    cloudFormation,
    environment,
    async run(words, operator = {}) {
      const out: string[] = []
      const notes: string[] = []
      const input: CommandInput = {
        environment: { ...environment, USER: 'operator', ...operator.environment },
        directory: operator.directory ?? '/',
        nodeVersion: process.versions.node,
        stdinIsTerminal: operator.answer !== undefined,
        readStdin: async () => operator.stdin ?? '',
        ask: async (question) => {
          notes.push(question)
          return operator.answer ?? ''
        },
        ...(operator.answer === undefined ? {} : { askSecret: async () => operator.answer ?? '' }),
        out: (line) => void out.push(line),
        note: (line) => void notes.push(line),
        signal: new AbortController().signal,
      }
      const code = await main(words, input)
      return { code, out: out.join('\n'), notes: notes.join('\n') }
    },
    async close() {
      for (const name of Object.keys(environment)) {
        if (before[name] === undefined) delete process.env[name]
        else process.env[name] = before[name]
      }
      await Promise.all([table.close(), secrets.close(), cloudFormation.close()])
    },
  }
}
