import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { bundleGateway } from './bundle.ts'

/** `npm run build`. */
try {
  const { file, bytes } = await bundleGateway()
  const packed = gzipSync(await readFile(file)).byteLength
  console.log(`${relative(process.cwd(), file)}  ${kilobytes(bytes)} (${kilobytes(packed)} packed)`)
} catch {
  // esbuild has printed each error with its place.
  process.exitCode = 1
}

function kilobytes(count: number): string {
  return `${Math.round(count / 1024)} KB`
}
