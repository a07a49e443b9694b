import { forModels } from '../for-models.ts'
import type { Provider } from '../provider.ts'

const DASHSCOPE = 'DashScope documentation, deep thinking: enable_thinking and thinking_budget (2026-11)'

/** Alibaba's DashScope, international. */
export const QWEN: Provider = {
  title: 'Alibaba Qwen (DashScope)',
  dialect: 'chat',
  base_url: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
  path: '/chat/completions',
  authentication: 'bearer',
  key: 'qwen',
  key_aliases: ['DASHSCOPE_API_KEY'],
  quirks: {
    sampling: ['temperature', 'top_p', 'top_k'],
    tool_choice: ['auto', 'none', 'named'],
    tool_choice_with_thinking: false,
    response_format: 'json_object',
    reasoning_request: 'enable_thinking',
    reasoning_budget_field: 'thinking_budget',
  },
  models: [
    ...forModels(['*instruct*', 'qwen3-coder*', 'qwen2*', 'qwen-max', 'qwen-vl-max'], {
      quirks: { reasoning_request: 'none' },
      source: 'models without a thinking mode; unverified (2026-11)',
    }),
    ...forModels(['*thinking*', 'qwq*', 'qvq*'], {
      quirks: { reasoning_off: 'unsupported' },
      source: 'models that always think; unverified (2026-11)',
    }),
    ...forModels(
      [
        'qwen3-max*',
        'qwen3-coder*',
        'qwen-max*',
        'qwq*',
        'qwen3-32b*',
        'qwen3-235b*',
        'qwen3-30b*',
        'qwen3-next*',
      ],
      {
        quirks: { images: 'none' },
        source: 'model cards; unverified (2026-11)',
      },
    ),
  ],
  notes: [
    'qwen3 models on DashScope do not think unless asked; Claude Code asks.',
    'Forced tool choice while thinking is refused (unverified): it does not think in a turn that forces one.',
  ],
  source: `${DASHSCOPE}; corpus alibaba-qwen (2026-11-20)`,
}

export const QWEN_CN: Provider = {
  ...QWEN,
  title: 'Alibaba Qwen (DashScope, China)',
  base_url: 'https://dashscope.aliyuncs.com/compatible-mode/v1',
  key: 'qwen-cn',
  key_aliases: [],
}
