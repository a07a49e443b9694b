import type { CommandInput } from './command.ts'
import { type MapTable, openMapTable } from './map-table.ts'

/** Options of every command that works on the deployed stack, for `parseArgs`. */
export const STACK_OPTIONS = {
  stack: { type: 'string' },
  region: { type: 'string' },
  profile: { type: 'string' },
} as const

export const STACK_USAGE = `
  --stack NAME     the stack of the gateway; default: MESSAGES_LAMBDA_STACK, else MessagesLambda
  --region REGION  its region; default: AWS_REGION
  --profile NAME   the AWS profile; default: AWS_PROFILE`

export interface StackWords {
  readonly stack?: string
  readonly region?: string
  readonly profile?: string
}

/** Opens the stack's table for one piece of work. */
export async function withTable<Result>(
  { stack, region, profile }: StackWords,
  { environment }: CommandInput,
  act: (table: MapTable) => Promise<Result>,
): Promise<Result> {
  const table = await openMapTable({ stack, region, profile, environment })
  try {
    return await act(table)
  } finally {
    table.close()
  }
}
