import type { CommandInput } from '../../infra/cli/command.ts'

/** Who runs a command, and what they type. */
export interface Operator {
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Default: `/`. */
  readonly directory?: string
  readonly nodeVersion?: string
  /** Standard input where there is no terminal. */
  readonly stdin?: string
  /** There is a terminal, and this is typed when a question comes. */
  readonly answer?: string
}

/** A command's input whose two outputs can be read afterwards. */
export interface RecordedInput {
  readonly input: CommandInput
  readonly out: () => string
  /** Standard error: notes, questions and the text of a failure. */
  readonly notes: () => string
}

export function recordedInput(operator: Operator = {}): RecordedInput {
  const { answer } = operator
  const out: string[] = []
  const notes: string[] = []
  return {
    input: {
      environment: operator.environment ?? {},
      directory: operator.directory ?? '/',
      nodeVersion: operator.nodeVersion ?? process.versions.node,
      stdinIsTerminal: answer !== undefined,
      readStdin: async () => operator.stdin ?? '',
      ask: async (question) => {
        notes.push(question)
        return answer ?? ''
      },
      ...(answer === undefined ? {} : { askSecret: async () => answer }),
      out: (line) => void out.push(line),
      note: (line) => void notes.push(line),
      signal: new AbortController().signal,
    },
    out: () => out.join('\n'),
    notes: () => notes.join('\n'),
  }
}
