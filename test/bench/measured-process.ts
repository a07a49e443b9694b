import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface Usage {
  /** Microseconds of CPU since the start. */
  readonly cpu: number
  /** Bytes. */
  readonly rss: number
}

export interface MeasuredProcess {
  readonly url: string
  usage(): Promise<Usage>
  stop(): Promise<void>
}

const REPORT_USAGE = fileURLToPath(new URL('report-usage.ts', import.meta.url))

export interface MeasuredOptions {
  /** `report-usage.ts` as JavaScript, where loading TypeScript must not be measured. */
  readonly preload?: string
  readonly nodeOptions?: readonly string[]
}

/** Starts a server of the benchmark with a channel over which it tells its CPU time and memory. */
export async function startMeasured(
  script: string,
  words: readonly string[],
  environment: Record<string, string>,
  folder: string,
  { preload = REPORT_USAGE, nodeOptions = [] }: MeasuredOptions = {},
): Promise<MeasuredProcess> {
  const child: ChildProcess = spawn(
    process.execPath,
    [...nodeOptions, '--import', preload, script, ...words],
    {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', ...environment },
      stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
    },
  )
  if (!child.stdout) throw new Error('no standard output')
  const lines = createInterface({ input: child.stdout })
  const url = await new Promise<string>((resolve, reject) => {
    lines.on('line', (line) => {
      const match = /listening on (http:\/\/\S+)/.exec(line)
      if (match?.[1]) resolve(match[1])
    })
    child.once('exit', (code) => reject(new Error(`${script} ended with ${code}`)))
  })
  return {
    url,
    usage: async () => {
      child.send('usage')
      const [usage] = await once(child, 'message')
      return usage as Usage
    },
    stop: async () => {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}
