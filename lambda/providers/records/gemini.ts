import { forModels } from '../for-models.ts'
import type { ModelException, Provider } from '../provider.ts'
import type { PartialQuirks } from '../quirks.ts'
import { GEMINI_SCHEMA } from './gemini-schema.ts'

/** What both of Google's OpenAI-compatible endpoints share. */
const GOOGLE: PartialQuirks = {
  parallel_tool_calls: 'none',
  prefill: 'none',
  images: 'data_only',
  ...GEMINI_SCHEMA,
  reasoning_request: 'google_thinking_config',
  tool_signature: 'google',
  // completion_tokens leave the thoughts out, total_tokens holds them: recorded 66 + 6 against 100.
  usage_output: 'total_minus_prompt',
  reasoning_tags: ['thought', 'think'],
}

const DOCS = 'ai.google.dev, OpenAI compatibility (2026-11)'
const LIMITS = { context_window: 1_048_576, max_output_tokens: 65_535 } as const

/** Model ids with and without the owner that Vertex puts before them. */
function models(owner: string): readonly ModelException[] {
  return [
    {
      match: `${owner}gemini-2.5*`,
      quirks: { reasoning_budget_field: 'extra_body.google.thinking_config.thinking_budget' },
      ...LIMITS,
      source: `budgets in tokens: ${DOCS}; limits read second-hand`,
    },
    {
      match: `${owner}gemini-2.5-pro*`,
      quirks: { reasoning_off: 'unsupported' },
      source: `cannot be none: ${DOCS}`,
    },
    {
      match: `${owner}gemini-3*`,
      quirks: { reasoning_levels: ['low', 'medium', 'high'], reasoning_off: 'unsupported' },
      source: `thinking_level instead of a budget; 3 Pro cannot be none: ${DOCS}`,
    },
    {
      match: `${owner}gemini-3*-pro*`,
      quirks: { reasoning_levels: ['low', 'high'] },
      source: 'levels of 3 Pro; unverified (2026-11)',
    },
    {
      match: `${owner}gemini-3*-flash*`,
      quirks: { reasoning_levels: ['minimal', 'low', 'medium', 'high'] },
      source: 'levels of 3 Flash; unverified (2026-11)',
    },
    ...forModels(
      ['gemini-1*', 'gemini-2.0*', 'gemma*'].map((name) => `${owner}${name}`),
      {
        quirks: { reasoning_request: 'none' },
        source: 'no thinking in these models (2026-11)',
      },
    ),
  ]
}

/** Google AI Studio. */
export const GEMINI: Provider = {
  title: 'Google Gemini',
  dialect: 'chat',
  base_url: 'https://generativelanguage.googleapis.com/v1beta/openai',
  path: '/chat/completions',
  authentication: 'bearer',
  key: 'gemini',
  key_aliases: ['GOOGLE_API_KEY'],
  quirks: GOOGLE,
  models: models(''),
  notes: [
    'Tool calls carry a signature that Gemini 3 wants back; it travels inside the conversation, nothing to set up.',
    'Tool schemas are cut down to what Gemini knows; what is cut out is said in the description.',
    'Gemini 2.5 Pro and 3 always think; "no thinking" asks for the least.',
  ],
  source: `${DOCS}; recordings and continue#8865 for the signatures (2026-11-20)`,
}

/** Vertex names its Gemini models google/gemini-…; other makers' models stand beside them. */
const VERTEX_MODELS: readonly ModelException[] = [
  {
    // Models of other makers know nothing of Google's fields.
    match: '*',
    quirks: { reasoning_request: 'none', tool_signature: 'none', usage_output: 'completion' },
    source: 'docs.cloud.google.com, call Vertex by the OpenAI library (2026-11)',
  },
  ...forModels(['google/gemini*', 'gemini*'], {
    quirks: {
      reasoning_request: 'google_thinking_config',
      tool_signature: 'google',
      usage_output: 'total_minus_prompt',
      // Without a marker Vertex leaves the thoughts out.
      thinking_body: { extra_body: { google: { thought_tag_marker: 'thought' } } },
    },
    source:
      'docs.cloud.google.com, call Vertex by the OpenAI library: thought_tag_marker (2026-11); not verified',
  }),
  ...models('google/'),
  ...models(''),
]

/** Vertex AI, a region's endpoint. */
export const VERTEX: Provider = {
  title: 'Google Vertex AI',
  dialect: 'chat',
  base_url:
    'https://{location}-aiplatform.googleapis.com/v1/projects/{project}/locations/{location}/endpoints/openapi',
  path: '/chat/completions',
  authentication: 'google',
  key: 'vertex',
  options: { location: 'us-central1' },
  quirks: { ...GOOGLE, reasoning_tags_where: 'anywhere' },
  models: VERTEX_MODELS,
  notes: [
    'Set options: { project: … }, and location for another region than us-central1.',
    "No key: options: { workload_identity_provider: projects/…/providers/… }, and service_account to act as one. Else the key is a service account's JSON, or an API key.",
    'Models are named google/gemini-…; partners are meta/…-maas and the like.',
  ],
  source: 'docs.cloud.google.com, call Vertex by the OpenAI library; no recordings (2026-11-20)',
}

/** Vertex AI, the global endpoint. */
export const VERTEX_GLOBAL: Provider = {
  ...VERTEX,
  title: 'Google Vertex AI (global endpoint)',
  base_url: 'https://aiplatform.googleapis.com/v1/projects/{project}/locations/global/endpoints/openapi',
  options: {},
  notes: ['Set options: { project: … }. The key is the same as for vertex.'],
}
