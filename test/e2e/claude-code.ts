import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { REPOSITORY } from '../harness/gateway-process.ts'

/** The one place that names the version. Newer ones may be tried with CLAUDE_CODE_VERSION. */
export const CLAUDE_CODE_VERSION = process.env['CLAUDE_CODE_VERSION'] ?? '2.1.329'

/** Installs Claude Code from npm into a cache of this checkout, once per version. Resolves to its program. */
export async function installClaudeCode(): Promise<string> {
  const folder = join(REPOSITORY, 'node_modules', '.cache', `claude-code-${CLAUDE_CODE_VERSION}`)
  const program = join(folder, 'node_modules', '.bin', process.platform === 'win32' ? 'claude.cmd' : 'claude')
  if (!existsSync(program)) {
    await mkdir(folder, { recursive: true })
    await promisify(execFile)(
      process.platform === 'win32' ? 'npm.cmd' : 'npm',
      // Not inside a package: --prefix keeps npm from touching the project's own lock file.
      [
        'install',
        '--prefix',
        folder,
        '--no-save',
        '--no-package-lock',
        `@anthropic-ai/claude-code@${CLAUDE_CODE_VERSION}`,
      ],
      { cwd: folder, maxBuffer: 16 * 1024 * 1024, shell: process.platform === 'win32' },
    )
  }
  return program
}

/** One line of `--output-format stream-json`. */
export type ClaudeLine = { readonly type: string; readonly subtype?: string } & Record<string, unknown>

export interface ClaudeRun {
  readonly exitCode: number | null
  readonly lines: readonly ClaudeLine[]
  /** The last line: `{ is_error, result, usage, session_id, … }`. */
  readonly result: Record<string, unknown>
  readonly stderr: string
  /** The folder it ran in. */
  readonly folder: string
  readonly home: string
}

export interface ClaudeOptions {
  readonly program: string
  /** Words of a command that runs Claude Code, such as `messages-lambda connect --`. */
  readonly through?: readonly string[]
  readonly baseUrl: string
  readonly prompt: string
  readonly model?: string
  readonly arguments?: readonly string[]
  /** Variables on top of the clean environment; an empty string removes one. */
  readonly environment?: Readonly<Record<string, string>>
  readonly folder?: string
  readonly home?: string
}

/** Runs Claude Code headless in a scratch folder with a clean environment. */
export async function runClaude(options: ClaudeOptions): Promise<ClaudeRun> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'claude-folder-')))
  const home = options.home ?? (await mkdtemp(join(tmpdir(), 'claude-home-')))
  const model = options.model ?? 'test-model'
  const [command = options.program, ...words] = [...(options.through ?? []), options.program]
  const child = spawn(
    command,
    [
      ...words,
      '-p',
      options.prompt,
      '--model',
      model,
      '--output-format',
      'stream-json',
      '--verbose',
      ...(options.arguments ?? []),
    ],
    { cwd: folder, env: environment(options, model, home), stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (text) => {
    stdout += text
  })
  child.stderr.on('data', (text) => {
    stderr += text
  })
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve))
  const lines = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as ClaudeLine)
  const result = lines.findLast(({ type }) => type === 'result')
  if (!result) throw new Error(`Claude Code printed no result (exit ${exitCode}):\n${stdout}\n${stderr}`)
  return { exitCode, lines, result, stderr, folder, home }
}

function environment(options: ClaudeOptions, model: string, home: string): Record<string, string> {
  const variables: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    ANTHROPIC_BASE_URL: options.baseUrl,
    ANTHROPIC_AUTH_TOKEN: 'dummy',
    ANTHROPIC_DEFAULT_HAIKU_MODEL: model,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_AUTOUPDATER: '1',
    // Claude Code asks for it where it runs as root, as containers and CI do.
    IS_SANDBOX: '1',
    ...options.environment,
  }
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''))
}
