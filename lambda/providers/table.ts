import type { Provider } from './provider.ts'
import { ANTHROPIC, DEEPSEEK_ANTHROPIC, GLM_ANTHROPIC, MINIMAX_ANTHROPIC } from './records/anthropic.ts'
import { AZURE, AZURE_DEPLOYMENT, AZURE_FOUNDRY } from './records/azure.ts'
import { BEDROCK, BEDROCK_MANTLE } from './records/bedrock.ts'
import { CEREBRAS } from './records/cerebras.ts'
import { DEEPSEEK } from './records/deepseek.ts'
import { DEMO } from './records/demo.ts'
import { FIREWORKS } from './records/fireworks.ts'
import { REQUESTY, SNOWFLAKE, VERCEL } from './records/gateways.ts'
import { GEMINI, VERTEX, VERTEX_GLOBAL } from './records/gemini.ts'
import { BIGMODEL, GLM, GLM_CODING } from './records/glm.ts'
import { GROQ } from './records/groq.ts'
import { HUGGINGFACE } from './records/huggingface.ts'
import { KIMI, KIMI_CN } from './records/kimi.ts'
import { LLAMA_CPP, LM_STUDIO, SGLANG, VLLM } from './records/local-servers.ts'
import { MINIMAX, MINIMAX_CN } from './records/minimax.ts'
import { MISTRAL } from './records/mistral.ts'
import { NEBIUS } from './records/nebius.ts'
import { NVIDIA } from './records/nvidia.ts'
import { OLLAMA, OLLAMA_CLOUD, OLLAMA_V1 } from './records/ollama.ts'
import { OPENAI } from './records/openai.ts'
import { OPENROUTER } from './records/openrouter.ts'
import { PERPLEXITY } from './records/perplexity.ts'
import { QWEN, QWEN_CN } from './records/qwen.ts'
import { TOGETHER } from './records/together.ts'
import { XAI } from './records/xai.ts'

/** The provider table: one documented record per name. `openai` is the base for any other compatible server. */
export const PROVIDERS = {
  openai: OPENAI,
  azure: AZURE,
  'azure-deployment': AZURE_DEPLOYMENT,
  'azure-foundry': AZURE_FOUNDRY,
  openrouter: OPENROUTER,
  nvidia: NVIDIA,
  nebius: NEBIUS,
  glm: GLM,
  'glm-coding': GLM_CODING,
  'glm-anthropic': GLM_ANTHROPIC,
  bigmodel: BIGMODEL,
  minimax: MINIMAX,
  'minimax-cn': MINIMAX_CN,
  'minimax-anthropic': MINIMAX_ANTHROPIC,
  kimi: KIMI,
  'kimi-cn': KIMI_CN,
  deepseek: DEEPSEEK,
  'deepseek-anthropic': DEEPSEEK_ANTHROPIC,
  gemini: GEMINI,
  vertex: VERTEX,
  'vertex-global': VERTEX_GLOBAL,
  groq: GROQ,
  mistral: MISTRAL,
  xai: XAI,
  qwen: QWEN,
  'qwen-cn': QWEN_CN,
  cerebras: CEREBRAS,
  together: TOGETHER,
  fireworks: FIREWORKS,
  perplexity: PERPLEXITY,
  huggingface: HUGGINGFACE,
  bedrock: BEDROCK,
  'bedrock-mantle': BEDROCK_MANTLE,
  requesty: REQUESTY,
  vercel: VERCEL,
  snowflake: SNOWFLAKE,
  ollama: OLLAMA,
  'ollama-cloud': OLLAMA_CLOUD,
  'ollama-v1': OLLAMA_V1,
  lmstudio: LM_STUDIO,
  llamacpp: LLAMA_CPP,
  vllm: VLLM,
  sglang: SGLANG,
  anthropic: ANTHROPIC,
  demo: DEMO,
} as const satisfies Record<string, Provider>

export type ProviderName = keyof typeof PROVIDERS

/** Other names by which people and other tools know a provider. */
export const PROVIDER_ALIASES = {
  moonshot: 'kimi',
  moonshotai: 'kimi',
  'moonshot-cn': 'kimi-cn',
  google: 'gemini',
  'google-ai-studio': 'gemini',
  'vertex-ai': 'vertex',
  zai: 'glm',
  'z-ai': 'glm',
  'zai-coding': 'glm-coding',
  zhipu: 'bigmodel',
  zhipuai: 'bigmodel',
  dashscope: 'qwen',
  alibaba: 'qwen',
  'x-ai': 'xai',
  grok: 'xai',
  tokenfactory: 'nebius',
  nim: 'nvidia',
  nvidia_nim: 'nvidia',
  'azure-openai': 'azure',
  hf: 'huggingface',
  'together-ai': 'together',
  togetherai: 'together',
  'fireworks-ai': 'fireworks',
  'lm-studio': 'lmstudio',
  'llama.cpp': 'llamacpp',
  'llama-cpp': 'llamacpp',
  'amazon-bedrock': 'bedrock',
  'vercel-ai-gateway': 'vercel',
} as const satisfies Record<string, ProviderName>

export function isProviderName(name: string): name is ProviderName {
  return Object.hasOwn(PROVIDERS, name)
}

/** The table's own name for a provider's name or alias; case is ignored. */
export function resolveProviderName(name: string): ProviderName | undefined {
  const lower = name.toLowerCase()
  if (isProviderName(lower)) return lower
  return Object.entries(PROVIDER_ALIASES).find(([alias]) => alias === lower)?.[1]
}
