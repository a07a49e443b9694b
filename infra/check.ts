import { spawn } from 'node:child_process'

/**
 * `npm run check`: everything that must hold before a change goes in, one after the other. All steps run even when
 * one fails, so that one run shows all there is to mend.
 */
interface Step {
  readonly title: string
  /** An npm script, with what goes after `--`. */
  readonly script: string
  readonly arguments?: readonly string[]
}

const STEPS: readonly Step[] = [
  { title: 'format and lint', script: 'lint' },
  { title: 'types', script: 'types' },
  { title: 'unused code and dependencies', script: 'unused' },
  { title: 'tests', script: 'test' },
  { title: 'build', script: 'build' },
  { title: 'cdk synth, access iam', script: 'synth' },
  {
    title: 'cdk synth, access bearer and every option',
    script: 'synth',
    arguments: [
      ...['-c', 'access=bearer', '-c', 'accounts=111122223333'],
      ...['-c', 'bedrock=true', '-c', 'endAbandonedTurns=true', '-c', 'alarms=true', '-c', 'concurrency=50'],
    ],
  },
]

const failed: string[] = []
const begin = performance.now()
for (const step of STEPS) {
  const stepBegin = performance.now()
  console.log(`\n── ${step.title}`)
  const passed = await run(step)
  if (!passed) failed.push(step.title)
  console.log(`── ${passed ? 'ok' : 'FAILED'}: ${step.title} (${seconds(stepBegin)})`)
}
if (failed.length > 0) console.log(`\nfailed: ${failed.join(', ')}`)
console.log(`\n${STEPS.length - failed.length} passed, ${failed.length} failed (${seconds(begin)})`)
process.exitCode = failed.length === 0 ? 0 : 1

function run(step: Step): Promise<boolean> {
  const rest = step.arguments === undefined ? [] : ['--', ...step.arguments]
  // npm is a .cmd file on Windows, which only a shell can start. Nothing here comes from outside.
  const child = spawn('npm', ['run', '--silent', step.script, ...rest], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(error.message)
      resolve(false)
    })
    child.once('exit', (code) => resolve(code === 0))
  })
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`
}
