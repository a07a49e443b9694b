import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureBundle } from './harness/bundle.ts'

/**
 * `npm test`: every `*.test.ts` under test/, offline. Arguments pick files whose path contains one of them
 * (`npm test -- convert/usage access`); those that begin with a dash go to node (`npm test -- --test-name-pattern=ping`).
 */

const REPOSITORY = fileURLToPath(new URL('..', import.meta.url))
/** Need a network, an account or minutes: each has a command of its own. */
const ELSEWHERE = ['test/bench/', 'test/live/', 'test/e2e/']

const given = process.argv.slice(2)
const flags = given.filter((argument) => argument.startsWith('-'))
const wanted = given
  .filter((argument) => !argument.startsWith('-'))
  .map((argument) => (argument.startsWith(REPOSITORY) ? relative(REPOSITORY, argument) : argument))

const files = globSync('test/**/*.test.ts', { cwd: REPOSITORY })
  .map((file) => file.split(sep).join('/'))
  .filter((file) => !ELSEWHERE.some((folder) => file.startsWith(folder)))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort()

if (files.length === 0) {
  console.error(`no test file matches ${wanted.join(' ')}`)
  process.exit(1)
}

// Once, before the files run side by side. Where it cannot be built, the tests that need it say so.
await ensureBundle().catch((error: Error) =>
  console.error(`the function could not be bundled: ${error.message}`),
)

// A hang is a failure too. No test comes anywhere near this.
const HANG = '--test-timeout=900000'
const child = spawn(process.execPath, ['--test', '--test-concurrency=2', HANG, ...flags, ...files], {
  cwd: REPOSITORY,
  stdio: 'inherit',
})
child.once('exit', (code, signal) => {
  process.exitCode = code ?? 1
  if (signal !== null) console.error(`the test runner was ended by ${signal}`)
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
