import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { CommandError } from '../cli/command.ts'

/** What a shell answers for a command that does not exist. */
const NOT_FOUND = 127

/**
 * Runs a client on this terminal and resolves with its exit code, as a shell would tell it. Signals to this process
 * go on to the client; Ctrl-C reaches it from the terminal itself, so that one is only kept from ending us first.
 */
export function runClient(
  words: readonly [string, ...string[]],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const [program, ...rest] = words
  return new Promise((resolve, reject) => {
    const client = spawn(program, rest, { stdio: 'inherit', env: environment })
    const forward = (signal: NodeJS.Signals) => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) client.kill(signal)
    }
    const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']
    for (const signal of signals) process.on(signal, forward)
    const done = () => {
      for (const signal of signals) process.off(signal, forward)
    }
    client.once('error', (cause) => {
      done()
      const missing = 'code' in cause && cause.code === 'ENOENT'
      reject(
        missing
          ? new CommandError(`${program}: there is no such program on the PATH${hintForWindows(program)}`, {
              cause,
              exitCode: NOT_FOUND,
            })
          : new CommandError(`${program} could not be started: ${cause.message}`, { cause }),
      )
    })
    client.once('close', (code, signal) => {
      done()
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]))
    })
  })
}

/** npm installs programs there as .cmd files, which Windows starts through its shell only. */
function hintForWindows(program: string): string {
  return process.platform === 'win32' ? `. A .cmd file: messages-lambda connect -- cmd /c ${program} …` : ''
}
