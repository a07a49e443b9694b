import { forModels } from '../for-models.ts'
import type { ModelException, Provider } from '../provider.ts'
import { TEXT_ONLY } from './model-families.ts'

const ZAI = 'docs.z.ai by pydantic-ai models/zai.py (2026-11)'

const MODELS: readonly ModelException[] = [
  ...TEXT_ONLY,
  // Arguments in pieces; without it a long one arrives whole after a silence.
  ...forModels(['glm-4.6*', 'glm-4.7*', 'glm-5*'], {
    quirks: { tool_stream: true },
    source: 'stream-tool.md of bigmodel.cn; that 4.5 does not know it is unverified (2026-11)',
  }),
  // The first GLM-4 models do not think.
  ...forModels(['glm-4', 'glm-4-*', 'glm-4v*'], {
    quirks: { reasoning_request: 'none', reasoning_back: 'none' },
    source: 'no thinking documented for them (2026-11)',
  }),
  ...forModels(['glm-4.5v*', 'glm-4.6v*'], {
    // The switch is documented for both; preserved thinking is not.
    quirks: { thinking_body: { thinking: null } },
    source: 'pydantic-ai profiles/zai.py leaves the vision models out of preserved thinking (2026-11)',
  }),
  {
    match: 'glm-5.2*',
    quirks: {
      reasoning_request: 'thinking_and_effort',
      reasoning_levels: ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'],
    },
    source: `reasoning_effort with all levels: ${ZAI}`,
  },
  {
    // Refuses thinking.type "disabled": "please use low, high, or max".
    match: 'glm-5.3*',
    quirks: {
      reasoning_request: 'thinking_and_effort',
      reasoning_levels: ['low', 'high', 'max'],
      reasoning_off: 'unsupported',
    },
    source: `pydantic-ai profiles/zai.py (2026-11)`,
  },
]

/** z.ai, international. No `/v1` in the path. */
export const GLM: Provider = {
  title: 'Z.ai GLM',
  dialect: 'chat',
  base_url: 'https://api.z.ai/api/paas/v4',
  path: '/chat/completions',
  authentication: 'bearer',
  key: 'glm',
  key_aliases: ['ZAI_API_KEY', 'Z_AI_API_KEY'],
  quirks: {
    max_stop_sequences: 1,
    // Only "auto" is documented; a named function was recorded with 200, so forcing goes by name.
    tool_choice: ['auto', 'named'],
    parallel_tool_calls: 'none',
    response_format: 'json_object',
    prefill: 'none',
    reasoning_request: 'thinking',
    // "Preserved thinking": GLM keeps the reasoning of earlier turns, if it comes back complete and unmodified.
    thinking_body: { thinking: { clear_thinking: false } },
    reasoning_back: 'reasoning_content',
  },
  models: MODELS,
  notes: [
    'The coding plan has an endpoint of its own: provider glm-coding.',
    'Only models with a v in their number (glm-4.5v) see images; name one under vision.',
    'Whether tool_choice required is taken, and how many stop strings, is unverified; the cautious reading is used.',
  ],
  source: 'docs.z.ai as quoted by pydantic-ai; stream-tool.md; recordings (corpus glm, 2026-11-20)',
}

/** The coding plan's endpoint: same models, a subscription instead of a balance. */
export const GLM_CODING: Provider = {
  ...GLM,
  title: 'Z.ai GLM coding plan',
  base_url: 'https://api.z.ai/api/coding/paas/v4',
  notes: ["Uses the same key as glm, on the plan's quota.", ...(GLM.notes ?? []).slice(1)],
  source: 'most recordings of corpus glm were made here (2026-11-20)',
}

/** bigmodel.cn: the same service for China, with its own keys. */
export const BIGMODEL: Provider = {
  ...GLM,
  title: 'Zhipu GLM (bigmodel.cn)',
  base_url: 'https://open.bigmodel.cn/api/paas/v4',
  key: 'bigmodel',
  key_aliases: ['ZHIPUAI_API_KEY', 'ZHIPU_API_KEY'],
  source: 'bigmodel.cn documentation of glm-4 and its error codes (2026-11-20)',
}
