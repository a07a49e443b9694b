import type { Target } from '../map/target.ts'
import { TargetMemory } from './target-memory.ts'

/**
 * What to put under `quirks:` of the model so that the field is never sent. Names that stand in no row are fields that
 * the configuration itself adds (`parameters`, `extra_body`, `thinking_body`).
 */
const QUIRK_FOR: Readonly<Record<string, string>> = {
  max_tokens: 'max_tokens_field: max_completion_tokens',
  max_completion_tokens: 'max_tokens_field: max_tokens',
  temperature: 'sampling: []',
  top_p: 'sampling: [temperature]',
  top_k: 'sampling: [temperature, top_p]',
  stop: 'max_stop_sequences: 0',
  stream_options: 'usage_in_stream: false',
  tool_choice: 'tool_choice: [auto]',
  parallel_tool_calls: 'parallel_tool_calls: none',
  parallel_function_calling: 'parallel_tool_calls: none',
  strict: 'strict_tools: false',
  tool_stream: 'tool_stream: false',
  user: 'user_field: none',
  safety_identifier: 'user_field: none',
  prompt_cache_key: 'prompt_cache_key: false',
  service_tier: 'service_tier: false',
  cache_control: 'cache_control: false',
  reasoning_effort: 'reasoning_request: none',
  thinking: 'reasoning_request: none',
  enable_thinking: 'reasoning_request: none',
  thinking_budget: 'reasoning_budget_field: ""',
  reasoning_budget: 'reasoning_budget_field: ""',
  chat_template_kwargs: 'reasoning_request: none',
  think: 'reasoning_request: none',
  reasoning_content: 'reasoning_back: none',
  reasoning_details: 'reasoning_back: none',
  extra_content: 'tool_signature: none',
}

/** Which fields a provider's model has refused, for the life of the process. */
export class RefusedParameters {
  readonly #names = new TargetMemory<ReadonlySet<string>>()

  of(target: Target): readonly string[] {
    return [...(this.#names.get(target) ?? [])]
  }

  remember(target: Target, names: readonly string[]): void {
    this.#names.set(target, new Set([...(this.#names.get(target) ?? []), ...names]))
  }
}

/** What to write into the configuration, for the log: the operator's way to never see the refusal again. */
export function toConfigurationHint(target: Target, names: readonly string[]): string {
  const quirks = names.map((name) => {
    const leaf =
      name
        .split(/[.[\]/\s]+/)
        .filter(Boolean)
        .at(-1) ?? name
    return QUIRK_FOR[leaf]
  })
  const known = [...new Set(quirks.filter((quirk) => quirk !== undefined))]
  return known.length > 0
    ? `models: { NAME: { target: ${target.provider}/${target.model}, quirks: { ${known.join(', ')} } } }`
    : `take ${names.join(', ')} out of parameters, extra_body and thinking_body of ${target.provider}/${target.model}`
}
