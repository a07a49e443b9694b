import { CommandError, type CommandInput } from './command.ts'

/**
 * Asks on the terminal; `--yes` is the answer given beforehand.
 * @throws CommandError where there is no terminal and no `--yes`: nothing is written by accident in a pipeline.
 */
export async function confirmed(question: string, yes: boolean, input: CommandInput): Promise<boolean> {
  if (yes) return true
  if (!input.stdinIsTerminal)
    throw new CommandError('Nothing was written: there is no terminal to ask on. Add --yes.')
  if (/^y(es)?$/i.test((await input.ask(`${question} [y/N] `)).trim())) return true
  input.note('Nothing was written.')
  return false
}
