import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

/** Recordings stand beside the project and may be absent. */
const SHARED = resolve(import.meta.dirname, '../../../shared')

/** The folder of recordings, or why a test that needs it is left out. */
export function sharedFolder(name: 'corpus' | 'captures'): { path: string; skip: string | false } {
  const path = resolve(SHARED, name)
  return { path, skip: existsSync(path) ? false : `no recordings: ../shared/${name} is absent` }
}
