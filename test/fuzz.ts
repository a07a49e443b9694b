import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

/**
 * `npm run fuzz [-- --cases N --seed S]`: every property test, on many cases from a new seed. For the night: the test
 * run takes a small slice of the same properties. A case that fails becomes a fixture of its own.
 */

const { values } = parseArgs({
  options: { cases: { type: 'string', default: '100000' }, seed: { type: 'string' } },
})
const seed = values.seed ?? String(Date.now() % 2 ** 31)
const files = globSync('test/**/*.test.ts').filter((file) =>
  readFileSync(file, 'utf8').includes('harness/cases.ts'),
)

console.log(`${values.cases} cases a property, seed ${seed}, in ${files.length} files`)
const { status } = spawnSync(process.execPath, ['--test', '--test-concurrency=2', ...files], {
  env: { ...process.env, FUZZ_CASES: values.cases, FUZZ_SEED: seed },
  stdio: 'inherit',
})
process.exitCode = status ?? 1
