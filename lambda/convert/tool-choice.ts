import type { RequestToolChoice } from '../anthropic/messages-request.ts'
import type { ChatRequest, ChatTool } from '../openai/chat-request.ts'
import type { Quirks } from '../providers/quirks.ts'
import { invalidField } from './block-fields.ts'

export interface SentToolChoice {
  readonly tools: readonly ChatTool[]
  readonly fields: Pick<ChatRequest, 'tool_choice'> & Record<string, unknown>
  /** Where the provider cannot be made to call a tool, the model is asked to. */
  readonly instruction?: string
}

/** Whether the caller insists on a call: some providers then refuse to think. */
export function isForced(choice: RequestToolChoice | null | undefined): boolean {
  return choice?.type === 'any' || choice?.type === 'tool'
}

/**
 * `tool_choice` in the nearest form that the provider takes: any → required → "any" → asked in words; tool → named →
 * only that tool, required → asked in words; none → no tools at all.
 * `canForce` is false while the model thinks and does not let itself be forced then.
 */
export function toToolChoice(
  choice: RequestToolChoice | null | undefined,
  tools: readonly ChatTool[],
  forcedName: string | undefined,
  quirks: Quirks,
  canForce: boolean,
): SentToolChoice {
  if (tools.length === 0) return { tools, fields: {} }
  const parallel = choice?.disable_parallel_tool_use === true ? forbidParallel(quirks) : {}
  const accepted = new Set<string>(canForce ? quirks.tool_choice : quirks.tool_choice.filter(isFree))
  switch (choice?.type) {
    case undefined:
      return { tools, fields: {} }
    case 'auto':
      return { tools, fields: { ...(accepted.has('auto') ? { tool_choice: 'auto' } : {}), ...parallel } }
    case 'none':
      return accepted.has('none') ? { tools, fields: { tool_choice: 'none' } } : { tools: [], fields: {} }
    case 'any':
      return { tools, ...anyTool(accepted, parallel, 'Call one of the tools now.') }
    case 'tool':
      return namedTool(tools, forcedName, accepted, parallel)
  }
}

function namedTool(
  tools: readonly ChatTool[],
  name: string | undefined,
  accepted: ReadonlySet<string>,
  parallel: Record<string, unknown>,
): SentToolChoice {
  const named = tools.filter((tool) => tool.function.name === name)
  if (name === undefined || named.length === 0) {
    throw invalidField('tool_choice.name', 'names a tool that is not among the tools of this request')
  }
  if (accepted.has('named')) {
    return { tools, fields: { tool_choice: { type: 'function', function: { name } }, ...parallel } }
  }
  return { tools: named, ...anyTool(accepted, parallel, `Call the tool ${name} now.`) }
}

function anyTool(
  accepted: ReadonlySet<string>,
  parallel: Record<string, unknown>,
  instruction: string,
): Omit<SentToolChoice, 'tools'> {
  if (accepted.has('required')) return { fields: { tool_choice: 'required', ...parallel } }
  if (accepted.has('any')) return { fields: { tool_choice: 'any', ...parallel } }
  return { fields: { ...(accepted.has('auto') ? { tool_choice: 'auto' } : {}), ...parallel }, instruction }
}

function isFree(form: string): boolean {
  return form === 'auto' || form === 'none'
}

function forbidParallel(quirks: Quirks): Record<string, unknown> {
  return quirks.parallel_tool_calls === 'none' ? {} : { [quirks.parallel_tool_calls]: false }
}
