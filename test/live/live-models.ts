import type { ProviderName } from '../../lambda/providers/table.ts'

/** What a live test asks where `--model` says nothing: a cheap model that has tools, and one that sees if it cannot. */
export interface LiveModels {
  readonly model: string
  readonly vision?: string
}

/** Providers that are not listed need `--model`: their models have names of the user's own, or cost too much. */
export const LIVE_MODELS: Partial<Record<ProviderName, LiveModels>> = {
  openai: { model: 'gpt-5-mini' },
  openrouter: { model: 'anthropic/claude-haiku-4.5' },
  nvidia: { model: 'nvidia/nemotron-3-ultra', vision: 'nvidia/nemotron-nano-12b-v2-vl' },
  nebius: { model: 'zai-org/GLM-4.5', vision: 'Qwen/Qwen2.5-VL-72B-Instruct' },
  glm: { model: 'glm-4.7', vision: 'glm-4.6v' },
  'glm-coding': { model: 'glm-4.7' },
  'glm-anthropic': { model: 'glm-4.7' },
  bigmodel: { model: 'glm-4.7', vision: 'glm-4.6v' },
  minimax: { model: 'MiniMax-M2.5' },
  'minimax-cn': { model: 'MiniMax-M2.5' },
  'minimax-anthropic': { model: 'MiniMax-M2.5' },
  kimi: { model: 'kimi-k2.6' },
  'kimi-cn': { model: 'kimi-k2.6' },
  deepseek: { model: 'deepseek-v4-flash' },
  'deepseek-anthropic': { model: 'deepseek-v4-flash' },
  gemini: { model: 'gemini-3-flash-preview' },
  groq: { model: 'qwen/qwen3-32b' },
  mistral: { model: 'mistral-small-latest' },
  xai: { model: 'grok-4.3' },
  qwen: { model: 'qwen3-max', vision: 'qwen3-vl-plus' },
  cerebras: { model: 'gpt-oss-120b' },
  together: { model: 'openai/gpt-oss-20b' },
  fireworks: { model: 'accounts/fireworks/models/gpt-oss-120b' },
  perplexity: { model: 'sonar' },
  huggingface: { model: 'openai/gpt-oss-120b:groq' },
  bedrock: { model: 'openai.gpt-oss-20b-1:0' },
  'bedrock-mantle': { model: 'openai.gpt-oss-20b' },
  vercel: { model: 'openai/gpt-5-mini' },
  requesty: { model: 'openai/gpt-4.1-mini' },
  'ollama-cloud': { model: 'gpt-oss:120b' },
  anthropic: { model: 'claude-haiku-4-5' },
  demo: { model: 'echo' },
}
