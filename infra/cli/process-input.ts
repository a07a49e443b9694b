import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { CommandInput } from './command.ts'

/** The process itself as a command's input. Questions go to standard error: standard output is for results. */
export function processInput(): CommandInput {
  const stop = new AbortController()
  let watching = false
  const isTerminal = process.stdin.isTTY === true
  return {
    environment: process.env,
    directory: process.cwd(),
    nodeVersion: process.versions.node,
    stdinIsTerminal: isTerminal,
    readStdin: () => text(process.stdin),
    ask: (question) => ask(question, process.stderr),
    ...(isTerminal ? { askSecret } : {}),
    out: (line) => void process.stdout.write(`${line}\n`),
    note: (line) => void process.stderr.write(`${line}\n`),
    get signal() {
      if (!watching) watchSignals(stop)
      watching = true
      return stop.signal
    },
  }
}

async function ask(question: string, output: NodeJS.WritableStream): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output, terminal: true })
  try {
    return await terminal.question(question)
  } finally {
    terminal.close()
  }
}

/** The line editor echoes into nothing, so no key shows on the screen or in its scroll-back. */
async function askSecret(question: string): Promise<string> {
  process.stderr.write(question)
  const nothing = new Writable({ write: (_chunk, _encoding, done) => done() })
  try {
    return await ask('', nothing)
  } finally {
    process.stderr.write('\n')
  }
}

/** Only commands that look at the signal end by it; the others end as any program does. */
function watchSignals(stop: AbortController): void {
  const stopCommand = () => {
    if (stop.signal.aborted) process.exit(130)
    stop.abort()
  }
  process.on('SIGINT', stopCommand)
  process.on('SIGTERM', stopCommand)
}
