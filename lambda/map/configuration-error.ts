/** One thing that is wrong in a configuration. */
export interface ConfigurationProblem {
  /** Where: `['models', 'glm', 'target']`. */
  readonly path: readonly (string | number)[]
  /** What, and what to do: `unknown provider "nvida"; did you mean "nvidia"?` */
  readonly message: string
}

/** A configuration that is refused, with everything that is wrong in it. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  readonly problems: readonly ConfigurationProblem[]

  constructor(problems: readonly ConfigurationProblem[], origin = 'configuration', cause?: unknown) {
    super(
      `${origin}: ${problems.map(toProblemText).join('\n  ')}`,
      cause === undefined ? undefined : { cause },
    )
    this.problems = problems
  }
}

/** `models.glm.target: unknown provider "nvida"; did you mean "nvidia"?` */
export function toProblemText({ path, message }: ConfigurationProblem): string {
  return path.length === 0 ? message : `${toPathText(path)}: ${message}`
}

/** `models.glm.targets[0].weight`; a key that is no plain word stands in brackets: `models["glm 4.7"]`. */
function toPathText(path: readonly (string | number)[]): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`
      if (!/^[\w:@/-]+$/.test(step)) return `[${JSON.stringify(step)}]`
      return index === 0 ? step : `.${step}`
    })
    .join('')
}
