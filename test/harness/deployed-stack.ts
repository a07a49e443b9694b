import { main } from '../../infra/cli/main.ts'
import { type CloudFormationEndpoint, startCloudFormation } from './cloudformation-endpoint.ts'
import { type Operator, recordedInput } from './command-input.ts'
import { type DynamodbTable, startDynamodbTable, TEST_CREDENTIALS } from './dynamodb-table.ts'
import { type SecretsManagerEndpoint, startSecretsManager } from './secrets-manager-endpoint.ts'

export const SECRET_ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:ProviderKeys-AbCdEf'

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
      const { input, out, notes } = recordedInput({
        ...operator,
        environment: { ...environment, USER: 'operator', ...operator.environment },
      })
      const code = await main(words, input)
      return { code, out: out(), notes: notes() }
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
