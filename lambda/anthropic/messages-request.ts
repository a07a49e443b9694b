import * as z from 'zod'

/**
 * The Messages API request, as far as we read it. Unknown fields are let through untouched and unknown block
 * types are let in: `convert/` gives each a defined fate. Shape: `@anthropic-ai/sdk` 1.11 (2026-11).
 */

/** Any content block; the converters look at `type` and read the fields of that type defensively. */
const ContentBlock = z.looseObject({ type: z.string() })

const Content = z.union([z.string(), z.array(ContentBlock)])

const Message = z.looseObject({
  role: z.enum(['user', 'assistant', 'system']),
  content: Content,
})

const TextBlock = z.looseObject({ type: z.literal('text'), text: z.string() })

const Tool = z.looseObject({
  name: z.string().optional(),
  type: z.string().nullish(),
  description: z.string().nullish(),
  input_schema: z.record(z.string(), z.unknown()).nullish(),
})

const ToolChoice = z.looseObject({
  type: z.enum(['auto', 'any', 'tool', 'none']),
  name: z.string().optional(),
  disable_parallel_tool_use: z.boolean().nullish(),
})

const Thinking = z.looseObject({
  type: z.enum(['enabled', 'adaptive', 'disabled', 'between_tools']),
  budget_tokens: z.number().nullish(),
  display: z.string().nullish(),
})

const OutputFormat = z.looseObject({ type: z.string(), schema: z.record(z.string(), z.unknown()).optional() })

const OutputConfig = z.looseObject({
  effort: z.string().nullish(),
  format: OutputFormat.nullish(),
})

/** What `/v1/messages` and `/v1/messages/count_tokens` share. */
const CountTokensRequest = z.looseObject({
  // Matched against patterns of the operator's. Anthropic's own limit is 256; a whole ARN with a provider fits as well.
  model: z.string().min(1).max(512),
  messages: z.array(Message).min(1).max(100_000),
  system: z.union([z.string(), z.array(TextBlock)]).nullish(),
  tools: z.array(Tool).nullish(),
  tool_choice: ToolChoice.nullish(),
  thinking: Thinking.nullish(),
  output_config: OutputConfig.nullish(),
})

export const MessagesRequestSchema = CountTokensRequest.extend({
  max_tokens: z.number().int().min(0),
  stream: z.boolean().nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  top_k: z.number().nullish(),
  stop_sequences: z.array(z.string()).nullish(),
  metadata: z.looseObject({ user_id: z.string().nullish() }).nullish(),
  service_tier: z.string().nullish(),
  /** The old name of `output_config.format`. */
  output_format: OutputFormat.nullish(),
})

export const CountTokensRequestSchema = CountTokensRequest

export type MessagesRequest = z.infer<typeof MessagesRequestSchema>
export type CountTokensRequest = z.infer<typeof CountTokensRequestSchema>
export type RequestMessage = z.infer<typeof Message>
export type RequestBlock = z.infer<typeof ContentBlock>
export type RequestTool = z.infer<typeof Tool>
export type RequestToolChoice = z.infer<typeof ToolChoice>
