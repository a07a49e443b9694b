/** Where a command reads and writes. `main.ts` makes it from the process, tests make their own. */
export interface CommandInput {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** What file arguments are relative to. */
  readonly directory: string
  /** The version of Node that runs the command, without the `v`. */
  readonly nodeVersion: string
  readonly stdinIsTerminal: boolean
  /** Everything on standard input: keys and confirmations come from here, never from an argument. */
  readStdin(): Promise<string>
  /** One question on the terminal (standard error) and the line that was typed. */
  ask(question: string): Promise<string>
  /** The same without showing what is typed. Absent: there is no terminal, read standard input. */
  askSecret?(question: string): Promise<string>
  /** Standard output: what the command was asked for, a line at a time (the newline is added). */
  out(line: string): void
  /** Standard error: progress, warnings, hints (the newline is added). */
  note(line: string): void
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal
}

/** One row of the command table: `messages-lambda NOUN [VERB] …`. */
export interface Command {
  readonly noun: string
  /** Absent where the noun is the whole command (`start`, `connect`, `doctor`). */
  readonly verb?: string
  /** One line for the overview. */
  readonly summary: string
  /** What `--help` prints below the summary: usage, options, examples. */
  readonly usage: string
  /**
   * @param words what follows noun and verb, `--help` already handled; parse it with `node:util` parseArgs.
   * @returns the exit code.
   * @throws CommandError for every failure that the user can do something about.
   */
  run(words: readonly string[], input: CommandInput): Promise<number>
}

/** A failure that ends the command with one clear line on standard error and exit code 1 (or `exitCode`). */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: number

  constructor(message: string, options: { readonly cause?: unknown; readonly exitCode?: number } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.exitCode = options.exitCode ?? 1
  }
}
