import type { ModelCapabilities, ModelInfo as SdkModelInfo } from '@anthropic-ai/sdk/resources/models'
import { GatewayError } from '../errors.ts'
import type { ModelMap } from './model-map.ts'
import { ownEntry } from './provider-records.ts'
import type { Route, Target } from './target.ts'
import { tierOf } from './tier-of.ts'

/** Anthropic's `ModelInfo`, and the `description` that Claude Code's model picker shows below the name. */
export type ModelInfo = SdkModelInfo & { readonly description?: string }

export interface ModelPage {
  readonly data: readonly ModelInfo[]
  readonly has_more: boolean
  readonly first_id: string | null
  readonly last_id: string | null
}

/** An alias has no birthday; a fixed one keeps the answer the same from call to call. */
const CREATED_AT = '2026-01-01T00:00:00Z'

/**
 * `GET /v1/models`: the aliases that `allowed` lets through, a page at a time, in the order of the configuration.
 * @param query `limit` (1 to 1000, default 20), `after_id`, `before_id`, `lifecycle[]`.
 * @throws GatewayError `invalid_request` for a limit or a cursor that is none.
 */
export function listModels(
  map: ModelMap,
  allowed: (alias: string) => boolean,
  query: URLSearchParams,
): ModelPage {
  const limit = parseLimit(query.get('limit'))
  const lifecycles = [...query.getAll('lifecycle[]'), ...query.getAll('lifecycle')]
  const ids = lifecycles.length === 0 || lifecycles.includes('active') ? map.aliases.filter(allowed) : []
  const before = query.get('before_id')
  const after = query.get('after_id')
  const end = before === null ? ids.length : placeOf(ids, before, 'before_id')
  const start = after === null ? 0 : placeOf(ids, after, 'after_id') + 1
  // Backwards, the page is the one that ends just before the cursor.
  const page =
    before !== null && after === null
      ? ids.slice(Math.max(0, end - limit), end)
      : ids.slice(start, Math.min(end, start + limit))
  const hasMore = before !== null && after === null ? end > limit : start + limit < end
  return {
    data: page.map((id) => describe(map, id)),
    has_more: hasMore,
    first_id: page[0] ?? null,
    last_id: page.at(-1) ?? null,
  }
}

/** `GET /v1/models/{id}`: undefined when `id` is no alias. */
export function modelInfo(map: ModelMap, id: string): ModelInfo | undefined {
  return map.aliases.includes(id) ? describe(map, id) : undefined
}

function parseLimit(given: string | null): number {
  if (given === null || given === '') return 20
  const limit = Number(given)
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
    throw new GatewayError('invalid_request', 'limit: must be a whole number from 1 to 1000.')
  }
  return limit
}

function placeOf(ids: readonly string[], id: string, parameter: string): number {
  const place = ids.indexOf(id)
  if (place < 0)
    throw new GatewayError('invalid_request', `${parameter}: no model with the id "${id.slice(0, 200)}".`)
  return place
}

function describe(map: ModelMap, id: string): ModelInfo {
  const entry = ownEntry(map.configuration.models, id)
  const route = routeOf(map, id)
  const target = route?.targets[0]
  return {
    type: 'model',
    id,
    display_name: entry?.display_name ?? id,
    ...(entry?.description === undefined ? {} : { description: entry.description }),
    created_at: CREATED_AT,
    lifecycle: 'active',
    line: tierOf(id) ?? null,
    deprecated_at: null,
    retires_at: null,
    max_input_tokens: target?.contextWindow ?? null,
    max_tokens: target?.maxOutputTokens ?? null,
    capabilities: route === undefined ? null : toCapabilities(route),
  }
}

/** A broken entry is listed by its name; asking it says what is wrong. */
function routeOf(map: ModelMap, id: string): Route | undefined {
  try {
    return map.resolve(id)
  } catch (thrown) {
    if (thrown instanceof GatewayError) return undefined
    throw thrown
  }
}

/** What the gateway can do with this model, by its quirks. Null for Anthropic's own models: only they know. */
function toCapabilities({ targets: [target], vision }: Route): ModelCapabilities | null {
  if (target.dialect === 'messages') return null
  const { quirks } = target
  const reasons = quirks.reasoning_request !== 'none'
  return {
    batch: support(false),
    citations: support(false),
    code_execution: support(false),
    context_management: {
      supported: false,
      clear_thinking_20251015: support(false),
      clear_tool_uses_20250919: support(false),
      compact_20260112: support(false),
    },
    effort: toEffort(target),
    image_input: support(
      (quirks.images !== 'none' && quirks.content_form !== 'string') || vision !== undefined,
    ),
    pdf_input: support(true),
    server_tools: { supported: false, code_execution: support(false), web_search: support(false) },
    structured_outputs: support(quirks.response_format !== 'forced_tool' || quirks.tools),
    thinking: {
      supported: reasons,
      types: {
        adaptive: support(reasons),
        between_tools: support(reasons && quirks.reasoning_back !== 'none'),
        disabled: support(quirks.reasoning_off === 'field' || !reasons),
        enabled: support(reasons),
      },
    },
  }
}

function toEffort({ quirks }: Target): ModelCapabilities['effort'] {
  const asks = ['reasoning_effort', 'reasoning', 'thinking_and_effort'].includes(quirks.reasoning_request)
  const takes = (level: (typeof quirks.reasoning_levels)[number]) =>
    support(asks && quirks.reasoning_levels.includes(level))
  return {
    supported: asks,
    low: takes('low'),
    medium: takes('medium'),
    high: takes('high'),
    xhigh: takes('xhigh'),
    max: takes('max'),
  }
}

function support(supported: boolean) {
  return { supported }
}
