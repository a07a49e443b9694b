import { globSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BUNDLE_FILE, bundleGateway } from '../../infra/bundle.ts'

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url))

/**
 * The file that `npm run build` writes and CDK deploys, made again when a source is newer.
 * @returns its path.
 */
export async function ensureBundle(): Promise<string> {
  const built = modified(BUNDLE_FILE)
  const sources = [
    ...globSync('lambda/**/*.{ts,json}', { cwd: REPOSITORY }),
    'infra/bundle.ts',
    'package-lock.json',
  ]
  if (sources.some((source) => modified(join(REPOSITORY, source)) >= built)) await bundleGateway()
  return BUNDLE_FILE
}

/** Milliseconds since 1970; 0 for a file that is not there. */
function modified(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
