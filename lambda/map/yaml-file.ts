import { readFile, stat } from 'node:fs/promises'
import { LineCounter, parseDocument } from 'yaml'
import type { Log } from '../log.ts'
import type { Configuration } from './configuration.ts'
import { ConfigurationError, type ConfigurationProblem } from './configuration-error.ts'
import { createModelMap, type ModelMapOptions } from './create-model-map.ts'
import type { ModelMap, ModelMapSource } from './model-map.ts'
import { parseConfiguration } from './parse-configuration.ts'

/**
 * A `gateway.yaml` (or the same in JSON) as a configuration.
 * @throws ConfigurationError whose problems name path and line.
 */
export function parseYamlConfiguration(text: string, origin = 'gateway.yaml'): Configuration {
  const lines = new LineCounter()
  // JSON is a subset of YAML 1.2; a key that stands twice is refused, so no half of an entry gets lost.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const [broken] = document.errors
  if (broken) {
    const { line, col } = lines.linePos(broken.pos[0])
    const message = `line ${line}, column ${col}: ${broken.message}${starHint(text)}`
    throw new ConfigurationError([{ path: [], message }], origin, broken)
  }
  try {
    return parseConfiguration(toPlain(document, origin, text), origin)
  } catch (thrown) {
    if (!(thrown instanceof ConfigurationError)) throw thrown
    const placed = thrown.problems.map((problem) => withLine(problem, document, lines))
    throw new ConfigurationError(placed, origin, thrown.cause)
  }
}

/** Anchors and aliases are resolved here, and may be wrong, or so many that they would fill the memory. */
function toPlain(document: ReturnType<typeof parseDocument>, origin: string, text: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (cause) {
    const message = `${cause instanceof Error ? cause.message : String(cause)}${starHint(text)}`
    throw new ConfigurationError([{ path: [], message }], origin, cause)
  }
}

/** To YAML a star begins an alias; here it is a wildcard, and people forget the quotes. */
function starHint(text: string): string {
  return /(^|[\s,[{])\*/m.test(text) ? '; a star stands in quotes: "*"' : ''
}

function withLine(
  problem: ConfigurationProblem,
  document: ReturnType<typeof parseDocument>,
  lines: LineCounter,
): ConfigurationProblem {
  // What is missing has no place of its own: then the nearest thing around it says where to look.
  for (let length = problem.path.length; length > 0; length -= 1) {
    const node = document.getIn(problem.path.slice(0, length), true)
    const range = hasRange(node) ? node.range : undefined
    if (range) return { ...problem, message: `${problem.message} (line ${lines.linePos(range[0]).line})` }
  }
  return problem
}

function hasRange(node: unknown): node is { range: [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
}

/** Reads and checks a configuration file once. */
export async function readYamlConfiguration(file: string): Promise<Configuration> {
  return parseYamlConfiguration(await readFile(file, 'utf8').catch(unreadable(file)), file)
}

/** `ENOENT: no such file or directory, stat '…'` is for programs. */
function unreadable(file: string): (cause: NodeJS.ErrnoException) => never {
  return (cause) => {
    const why = cause.code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${cause.code})`
    throw new Error(`The configuration ${file}: ${why}. Name it with --config FILE or GATEWAY_CONFIG.`, {
      cause,
    })
  }
}

/** A person who saves the file and asks again has taken longer. */
const LOOK_EVERY_MILLISECONDS = 1000

/**
 * A map that follows a file: looked at once a second at most, read again when its time of change is another one.
 * A change that cannot be read keeps the last good state and is logged once.
 * @throws ConfigurationError or a file error when the first reading fails.
 */
export async function openYamlFile(
  file: string,
  options: ModelMapOptions,
  log: Log,
  lookEveryMilliseconds = LOOK_EVERY_MILLISECONDS,
): Promise<ModelMapSource> {
  let lookedAt = performance.now()
  let readAt = (await stat(file).catch(unreadable(file))).mtimeMs
  let map = createModelMap(await readYamlConfiguration(file), options)
  let reading: Promise<void> | undefined
  let lastReason: string | undefined

  async function follow(): Promise<void> {
    try {
      const changedAt = (await stat(file)).mtimeMs
      if (changedAt === readAt) return
      readAt = changedAt
      map = createModelMap(await readYamlConfiguration(file), options)
      lastReason = undefined
      log.info('The configuration file was read again', { file })
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown)
      if (reason === lastReason) return
      lastReason = reason
      log.error('The changed configuration file cannot be used; the last good one stays', { file, reason })
    }
  }

  return {
    async current(): Promise<ModelMap> {
      if (reading === undefined && performance.now() - lookedAt < lookEveryMilliseconds) return map
      lookedAt = performance.now()
      reading ??= follow().finally(() => {
        reading = undefined
      })
      await reading
      return map
    },
  }
}

/** A map that never changes: the demo, a predecessor's environment, tests. */
export function fixedModelMap(configuration: Configuration, options: ModelMapOptions): ModelMapSource {
  const map = createModelMap(configuration, options)
  return { current: () => Promise.resolve(map) }
}
