import { forModels } from '../for-models.ts'
import type { ModelException, Provider } from '../provider.ts'
import type { PartialQuirks } from '../quirks.ts'
import { OPENAI_MODELS } from './openai.ts'

const GROK_USAGE: PartialQuirks = {
  max_tokens_field: 'max_tokens',
  max_stop_sequences: 0,
  reasoning_request: 'none',
  usage_output: 'completion_plus_reasoning',
}

/** Models of other makers in Azure's catalogue, by the usual deployment names. */
const OTHER_MAKERS: readonly ModelException[] = [
  ...forModels(['*mistral*', '*ministral*', '*codestral*'], {
    quirks: { max_tokens_field: 'max_tokens' },
    source: 'refuse max_completion_tokens with 422: pydantic-ai providers/azure.py, issue 6593 (2026-11)',
  }),
  {
    match: 'grok-*',
    quirks: GROK_USAGE,
    source: 'corpus azure and azure-foundry: completion_tokens leave out the reasoning (2026-11)',
  },
  {
    match: 'grok-3-mini*',
    quirks: {
      reasoning_request: 'reasoning_effort',
      reasoning_levels: ['low', 'high'],
      reasoning_off: 'unsupported',
    },
    source: 'corpus azure/fantasy-testazurethinking: reasoning_effort high answers 200 (2026-11)',
  },
]

/** Azure takes no file parts on Chat Completions, and no safety_identifier or prompt_cache_key is documented there. */
const AZURE_MODELS: readonly ModelException[] = [
  ...OPENAI_MODELS,
  {
    match: '*',
    quirks: { files: 'none', user_field: 'user', prompt_cache_key: false, service_tier: false },
    source: 'no file parts: pydantic-ai providers/azure.py; the other fields left out with care (2026-11)',
  },
  ...OTHER_MAKERS,
]

const NAMING =
  'Name a deployment after its model (gpt-5-mini, grok-3-mini), so that the right exceptions apply; else set its quirks.'

/** The v1 API: no api-version, the deployment's name is the model. */
export const AZURE: Provider = {
  title: 'Azure OpenAI (v1 API)',
  dialect: 'chat',
  base_url: 'https://{resource}.openai.azure.com/openai/v1',
  path: '/chat/completions',
  authentication: 'api-key',
  key: 'azure',
  key_aliases: ['AZURE_OPENAI_API_KEY'],
  quirks: { max_tokens_field: 'max_completion_tokens' },
  models: AZURE_MODELS,
  notes: [NAMING, 'Output that the content filter stops ends as a refusal.'],
  source: 'recordings (corpus azure, 2026-11-20)',
}

/** The classic URLs with the deployment in the path and an api-version. */
export const AZURE_DEPLOYMENT: Provider = {
  ...AZURE,
  title: 'Azure OpenAI (deployment URLs)',
  base_url: 'https://{resource}.openai.azure.com/openai/deployments/{model}',
  query: { 'api-version': '2024-12-01-preview' },
  notes: [NAMING, 'Another api-version: query: { api-version: … }.'],
  source:
    'recordings, one with this api-version (corpus azure/crewai-azure-streaming-completion, 2026-11-20)',
}

/** Models of the Foundry catalogue behind one URL. */
export const AZURE_FOUNDRY: Provider = {
  ...AZURE,
  title: 'Azure AI Foundry models',
  base_url: 'https://{resource}.services.ai.azure.com/models',
  query: { 'api-version': '2024-05-01-preview' },
  quirks: {},
  notes: [NAMING],
  source: 'recordings (corpus azure-foundry, 2026-11-20)',
}
