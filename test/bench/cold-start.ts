import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { bundleGateway } from '../../infra/bundle.ts'
import { ensureBundle } from '../harness/bundle.ts'
import { SECRET_ARN, startDeployedStack } from '../harness/deployed-stack.ts'
import { Sandbox } from '../harness/lambda-front/sandbox.ts'
import { median } from './statistics.ts'

export interface ColdStart {
  /** From the start of the process to its first question for work. */
  readonly milliseconds: number
  /** Megabytes, at rest after INIT; NaN where the system does not tell. */
  readonly rss: number
}

const STARTS = 5

/**
 * The deployed bundle under AWS's runtime client, with a table and a secret to read, and in turns a handler that does
 * nothing: the difference is ours.
 */
export async function coldStarts(folder: string): Promise<{ ours: ColdStart; empty: ColdStart }> {
  const bundle = await ensureBundle()
  const empty = await bundleGateway({
    entry: fileURLToPath(new URL('empty-handler.ts', import.meta.url)),
    file: join(folder, 'empty', 'index.mjs'),
  })
  const stack = await startDeployedStack()
  try {
    const environment = {
      ...stack.environment,
      MODEL_TABLE: stack.table.table,
      PROVIDER_SECRET_ARN: SECRET_ARN,
    }
    const found: Record<'ours' | 'empty', ColdStart[]> = { ours: [], empty: [] }
    for (let start = 0; start < STARTS; start++) {
      found.ours.push(await startOnce(bundle, environment))
      found.empty.push(await startOnce(empty.file, environment))
    }
    return { ours: middle(found.ours), empty: middle(found.empty) }
  } finally {
    await stack.close()
  }
}

async function startOnce(bundle: string, environment: Record<string, string>): Promise<ColdStart> {
  const start = performance.now()
  const sandbox = new Sandbox({
    bundle,
    environment,
    timeoutMilliseconds: 60_000,
    memory: 256,
    onOutput: () => {},
  })
  try {
    while (sandbox.state === 'starting') await sleep(1)
    if (sandbox.state !== 'idle') throw new Error(`${bundle} did not initialise`)
    return { milliseconds: performance.now() - start, rss: await rssOf(sandbox.pid) }
  } finally {
    await sandbox.close()
  }
}

/** The environment is frozen by now, so only the system can say. */
async function rssOf(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]
  return kilobytes === undefined ? Number.NaN : (Number(kilobytes) * 1024) / 1e6
}

function middle(starts: readonly ColdStart[]): ColdStart {
  return {
    milliseconds: median(starts.map(({ milliseconds }) => milliseconds)),
    rss: median(starts.map(({ rss }) => rss)),
  }
}
