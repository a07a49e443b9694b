import type { MessagesRequest } from '../anthropic/messages-request.ts'
import type { Quirks } from '../providers/quirks.ts'
import { isRecord, readText } from './block-fields.ts'
import { mergeDeep, nestField } from './merge-fields.ts'

export interface ReasoningRequest {
  /** Fields of the body. */
  readonly fields: Record<string, unknown>
  /** A line of the system prompt that switches thinking. */
  readonly systemText?: string
  /** Whether the model will think, as far as we know: `unsaid` leaves it to the provider. */
  readonly mode: 'on' | 'off' | 'unsaid'
}

type Level = Quirks['reasoning_levels'][number]

/** What the caller wants, before the provider's abilities. */
interface Wish {
  readonly mode: 'on' | 'off' | 'unsaid'
  readonly effort?: string
  readonly budget?: number
}

const RANKED: readonly string[] = [
  'none',
  'minimal',
  'low',
  'medium',
  'high',
  'xhigh',
  'max',
] satisfies Level[]

/**
 * A budget as an effort, where the provider takes no budget. Thresholds between the figures that Vertex documents
 * for its levels: low 1024, medium 8192, high 24576 (docs.cloud.google.com, OpenAI library, 2026-11).
 */
export function effortOfBudget(budget: number): Level {
  if (budget <= 4096) return 'low'
  return budget <= 16_384 ? 'medium' : 'high'
}

/** An effort as a budget, where the provider takes nothing else. Higher efforts are left without a limit. */
const BUDGET_OF_EFFORT: Readonly<Record<string, number>> = { minimal: 1024, low: 4096, medium: 16_384 }

/** The effort that holds for this turn: that of the last system message which names one, else the request's own. */
export function effortOf(request: MessagesRequest): string | undefined {
  for (const message of request.messages.toReversed()) {
    const config = message['output_config']
    const effort = message.role === 'system' && isRecord(config) ? readText(config, 'effort') : undefined
    if (effort !== undefined) return effort
  }
  return request.output_config?.effort ?? undefined
}

/**
 * `thinking` and `output_config.effort` in the provider's own form. `forbidden` switches thinking off where it can
 * be: the caller forces a tool, and this provider cannot do both.
 */
export function toReasoningRequest(
  request: MessagesRequest,
  quirks: Quirks,
  maxTokens: number,
  forbidden: boolean,
): ReasoningRequest {
  const wish = forbidden ? { mode: 'off' as const } : readWish(request, quirks)
  if (quirks.reasoning_request === 'none') return { fields: {}, mode: wish.mode }
  if (wish.mode === 'off' && quirks.reasoning_off === 'unsupported') return lowest(quirks, maxTokens)
  if (wish.mode === 'off' && quirks.reasoning_off === 'unsaid') return { fields: {}, mode: 'off' }
  if (wish.mode === 'off') return switchedOff(quirks)
  if (wish.mode === 'unsaid' && wish.effort === undefined) return { fields: {}, mode: 'unsaid' }
  return switchedOn(wish, quirks, maxTokens)
}

function readWish(request: MessagesRequest, quirks: Quirks): Wish {
  const effort = effortOf(request)
  const budget = request.thinking?.budget_tokens ?? undefined
  switch (request.thinking?.type) {
    case 'disabled':
    case 'between_tools':
      return { mode: 'off' }
    case 'enabled':
    case 'adaptive':
      return { mode: 'on', effort, ...(budget === undefined ? {} : { budget }) }
    case undefined:
      return { mode: quirks.reasoning_default === 'ask' ? 'on' : 'unsaid', effort }
  }
}

/** The accepted level nearest to the wanted one; of two equally near, the higher. */
export function nearestLevel(wanted: string, levels: readonly Level[]): Level | undefined {
  const rank = RANKED.indexOf(wanted)
  const ranked = levels.filter((level) => level !== 'none' && level !== 'default')
  const byDistance = ranked.toSorted((a, b) => distance(a, rank) - distance(b, rank) || rankOf(b) - rankOf(a))
  return byDistance[0] ?? levels.find((level) => level === 'default')
}

function rankOf(level: Level): number {
  return RANKED.indexOf(level)
}

/** An effort that we do not know counts as high, which is Anthropic's own default. */
function distance(level: Level, rank: number): number {
  return Math.abs(rankOf(level) - (rank === -1 ? RANKED.indexOf('high') : rank))
}

function switchedOn(wish: Wish, quirks: Quirks, maxTokens: number): ReasoningRequest {
  const wanted = wish.effort ?? (wish.budget === undefined ? 'high' : effortOfBudget(wish.budget))
  const level = nearestLevel(wanted, quirks.reasoning_levels)
  const said = wish.mode === 'on'
  const budget = budgetOf(wish, quirks, maxTokens)
  const fields = mergeDeep(
    budget === undefined ? formFields(quirks, level, said) : formFields(quirks, undefined, said),
    budget === undefined ? {} : nestField(quirks.reasoning_budget_field, budget),
    said ? quirks.thinking_body : {},
  )
  const systemText =
    said && quirks.reasoning_request === 'system_text' ? quirks.reasoning_system_text[0] : undefined
  return { fields, mode: wish.mode, ...(systemText === undefined ? {} : { systemText }) }
}

/** `level` undefined: a budget says how much. `said` false: the caller named an effort but not thinking. */
function formFields(quirks: Quirks, level: Level | undefined, said: boolean): Record<string, unknown> {
  const effort = level === undefined ? {} : { reasoning_effort: level }
  switch (quirks.reasoning_request) {
    case 'none':
    case 'system_text':
      return {}
    case 'reasoning_effort':
      return effort
    case 'reasoning':
      return { reasoning: level === undefined ? {} : { effort: level } }
    case 'thinking':
      return said ? { thinking: { type: quirks.reasoning_on_value } } : {}
    case 'thinking_and_effort':
      return { ...(said ? { thinking: { type: quirks.reasoning_on_value } } : {}), ...effort }
    case 'enable_thinking':
      return said ? { enable_thinking: true } : {}
    case 'chat_template_kwargs':
      return said ? { chat_template_kwargs: { [quirks.reasoning_template_key]: true } } : {}
    case 'google_thinking_config':
      return googleConfig({
        include_thoughts: true,
        ...(takesLevel(quirks) && level !== undefined ? { thinking_level: level } : {}),
      })
  }
}

function googleConfig(config: Record<string, unknown>): Record<string, unknown> {
  return { extra_body: { google: { thinking_config: config } } }
}

/** Gemini takes a level (3 and later) or a budget (2.5), never both: the budget field says which. */
function takesLevel(quirks: Quirks): boolean {
  return quirks.reasoning_budget_field === ''
}

function budgetOf(wish: Wish, quirks: Quirks, maxTokens: number): number | undefined {
  if (quirks.reasoning_budget_field === '' || wish.mode !== 'on') return undefined
  const takesEffort = ['reasoning', 'reasoning_effort', 'thinking_and_effort'].includes(
    quirks.reasoning_request,
  )
  const byEffort = wish.effort === undefined || takesEffort ? undefined : BUDGET_OF_EFFORT[wish.effort]
  const budget = wish.budget ?? byEffort
  // The answer needs room beside the thoughts: a budget counts inside the output limit.
  return budget === undefined ? undefined : Math.max(1, Math.min(Math.floor(budget), maxTokens - 1))
}

function switchedOff(quirks: Quirks): ReasoningRequest {
  const mode = 'off'
  switch (quirks.reasoning_request) {
    case 'none':
      return { fields: {}, mode }
    case 'reasoning_effort':
      return { fields: effortOff(quirks), mode }
    case 'reasoning':
      return {
        fields: {
          reasoning: quirks.reasoning_levels.includes('none') ? { effort: 'none' } : { enabled: false },
        },
        mode,
      }
    case 'thinking':
    case 'thinking_and_effort':
      return { fields: { thinking: { type: 'disabled' } }, mode }
    case 'enable_thinking':
      return { fields: { enable_thinking: false }, mode }
    case 'chat_template_kwargs':
      return { fields: { chat_template_kwargs: { [quirks.reasoning_template_key]: false } }, mode }
    case 'google_thinking_config':
      return {
        fields: takesLevel(quirks)
          ? googleConfig(lowestGoogle(quirks))
          : mergeDeep(googleConfig({ include_thoughts: false }), nestField(quirks.reasoning_budget_field, 0)),
        mode,
      }
    case 'system_text':
      return { fields: {}, mode, systemText: quirks.reasoning_system_text[1] }
  }
}

function effortOff(quirks: Quirks): Record<string, unknown> {
  const level = quirks.reasoning_levels.includes('none')
    ? 'none'
    : nearestLevel('minimal', quirks.reasoning_levels)
  return level === undefined ? {} : { reasoning_effort: level }
}

function lowestGoogle(quirks: Quirks): Record<string, unknown> {
  const level = nearestLevel('minimal', quirks.reasoning_levels)
  return { include_thoughts: false, ...(level === undefined ? {} : { thinking_level: level }) }
}

/** Thinking that cannot be switched off is asked to be short. */
function lowest(quirks: Quirks, maxTokens: number): ReasoningRequest {
  if (quirks.reasoning_request === 'google_thinking_config') {
    return {
      fields: googleConfig(takesLevel(quirks) ? lowestGoogle(quirks) : { include_thoughts: false }),
      mode: 'on',
    }
  }
  const { fields } = switchedOn({ mode: 'on', effort: 'minimal' }, quirks, maxTokens)
  return { fields, mode: 'on' }
}
