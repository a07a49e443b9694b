import type { ModelException, Provider } from '../provider.ts'
import { TEMPLATE_THINKING, TEXT_ONLY } from './model-families.ts'

const AWS = 'docs.aws.amazon.com/bedrock, OpenAI models (2026-11)'

const MODELS: readonly ModelException[] = [
  ...TEXT_ONLY,
  {
    match: '*gpt-oss*',
    quirks: {
      reasoning_request: 'reasoning_effort',
      reasoning_levels: ['low', 'medium', 'high'],
      reasoning_off: 'unsupported',
    },
    context_window: 128_000,
    source: AWS,
  },
]

/** Bedrock's runtime in OpenAI's form, by the function's own role: no key at all. */
export const BEDROCK: Provider = {
  title: 'Amazon Bedrock',
  dialect: 'chat',
  base_url: 'https://bedrock-runtime.{region}.amazonaws.com/openai/v1',
  path: '/chat/completions',
  authentication: 'sigv4-bedrock',
  key: 'bedrock',
  key_aliases: ['AWS_BEARER_TOKEN_BEDROCK'],
  quirks: {
    max_tokens_field: 'max_completion_tokens',
    // Reasoning comes as <reasoning>…</reasoning> in the content, several pairs over the stream.
    reasoning_tags: ['reasoning'],
    reasoning_tags_where: 'anywhere',
  },
  models: MODELS,
  notes: [
    "Needs no key: the process's own AWS credentials sign the request (bedrock:InvokeModel and InvokeModelWithResponseStream). A Bedrock API key works too.",
    "The region is the function's own; another one by options: { region: … }.",
    'gpt-5.4 and 5.5 on Bedrock speak only the Responses API, and cannot be used.',
  ],
  source: `${AWS}; recordings (corpus bedrock-openai, 2026-11-20)`,
}

/** The newer endpoint. Most models under /v1, some under /openai/v1. */
export const BEDROCK_MANTLE: Provider = {
  ...BEDROCK,
  title: 'Amazon Bedrock (mantle)',
  base_url: 'https://bedrock-mantle.{region}.api.aws/v1',
  quirks: {
    max_tokens_field: 'max_completion_tokens',
    reasoning_fields: ['reasoning', 'reasoning_content', 'reasoning_details', 'reasoning_text'],
  },
  models: [...MODELS, ...TEMPLATE_THINKING.filter(({ match }) => match === '*deepseek-r1*')],
  notes: [
    "Model ids differ from the runtime's: openai.gpt-oss-20b, not openai.gpt-oss-20b-1:0.",
    "Needs no key: signed with the process's own AWS credentials (AmazonBedrockMantleInferenceAccess).",
    '"isn\'t supported on this route" means: set base_url with /openai/v1 instead of /v1.',
  ],
  source: `${AWS}; recordings (corpus bedrock-openai, 2026-11-20)`,
}
