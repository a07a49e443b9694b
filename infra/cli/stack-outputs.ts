import { CommandError } from './command.ts'

export interface StackChoice {
  /** Default: MESSAGES_LAMBDA_STACK, else MessagesLambda. */
  readonly stack?: string
  readonly region?: string
  readonly profile?: string
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** The outputs of the deployed stack, by name. @throws CommandError when the stack cannot be read. */
export async function readStackOutputs(choice: StackChoice): Promise<Record<string, string>> {
  const stack = choice.stack ?? choice.environment['MESSAGES_LAMBDA_STACK'] ?? 'MessagesLambda'
  const { CloudFormationClient, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation')
  const client = new CloudFormationClient({ region: choice.region, profile: choice.profile, maxAttempts: 2 })
  try {
    const answer = await client.send(new DescribeStacksCommand({ StackName: stack }))
    const outputs = answer.Stacks?.[0]?.Outputs ?? []
    return Object.fromEntries(outputs.map((output) => [output.OutputKey ?? '', output.OutputValue ?? '']))
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause)
    throw new CommandError(`The outputs of the stack ${stack} could not be read: ${words}`, { cause })
  } finally {
    client.destroy()
  }
}
