import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'

/**
 * The one place that says how the function is bundled. `npm run build`, `cdk deploy` and the tests under the Lambda
 * runtime all use the file that `bundleGateway` writes, so what was tested is what is deployed
 * (docs/decisions/2026-11-20-one-bundle.md).
 */

const REPOSITORY = fileURLToPath(new URL('..', import.meta.url))

/** The folder that CDK uploads: the bundle and nothing else. */
export const BUNDLE_FOLDER = join(REPOSITORY, 'dist', 'lambda')
/** Handler `index.handler`. */
export const BUNDLE_FILE = join(BUNDLE_FOLDER, 'index.mjs')

export interface Bundle {
  readonly file: string
  readonly bytes: number
}

/** Dependencies in CommonJS call `require`, which an ES module does not have. */
const REQUIRE_FOR_COMMONJS =
  "import{createRequire as createRequireForBundle}from'node:module';const require=createRequireForBundle(import.meta.url);"

/**
 * An ES import of `node:http` reads all of its exports, and with `WebSocket` loads undici: 25 ms and 3 MB of a cold
 * start (measured 2026-11-20, Node 24.21). The runtime client of AWS asks for the module itself for the same reason.
 */
const HTTP_WITHOUT_UNDICI: Plugin = {
  name: 'node:http without undici',
  setup({ onResolve, onLoad }) {
    const namespace = 'built-in'
    onResolve({ filter: /^(node:)?https?$/ }, ({ path }) => ({ path: path.replace('node:', ''), namespace }))
    onLoad({ filter: /.*/, namespace }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('node:${path}')`,
    }))
  },
}

/**
 * Bundles the Lambda entry into one ES module for Node 24, with every dependency inside: the SDK that the runtime
 * brings along is older than ours and changes without notice.
 *
 * Names stay as they are written: stack traces in the operator's log are readable without a source map, and
 * esbuild's `keepNames`, which would allow shorter ones, costs a call per closure that is made.
 *
 * @throws when the code does not bundle; esbuild has printed the place by then.
 */
export async function bundleGateway(
  options: {
    /** Default: `lambda/handler.ts`. */
    readonly entry?: string
    /** Default: `dist/lambda/index.mjs`. */
    readonly file?: string
  } = {},
): Promise<Bundle> {
  const file = options.file ?? BUNDLE_FILE
  const result = await build({
    entryPoints: [options.entry ?? join(REPOSITORY, 'lambda', 'handler.ts')],
    absWorkingDir: REPOSITORY,
    outfile: file,
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    plugins: [HTTP_WITHOUT_UNDICI],
    banner: { js: REQUIRE_FOR_COMMONJS },
    logLevel: 'warning',
  })
  const [output] = result.outputFiles
  if (output === undefined) throw new Error('esbuild wrote no file')
  await writeWhole(file, output.contents)
  return { file, bytes: output.contents.byteLength }
}

/** A reader sees the old file or the new one, never a half: several test files may ask for the bundle at once. */
async function writeWhole(file: string, contents: Uint8Array): Promise<void> {
  const folder = dirname(file)
  await mkdir(folder, { recursive: true })
  // Beside the folder and not in it, because the folder is what CDK uploads.
  const draft = `${folder}.${process.pid}.draft`
  await writeFile(draft, contents)
  try {
    await rename(draft, file)
  } finally {
    await rm(draft, { force: true })
  }
}
