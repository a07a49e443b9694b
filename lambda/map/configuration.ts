import * as z from 'zod'
import { PartialQuirksSchema } from '../providers/quirks.ts'

/**
 * `gateway.yaml` and the table hold these documents; this is their only definition. The JSON Schema for editors
 * (`gateway.schema.json`) is generated from it.
 */

/** Timers hold 31 bits of milliseconds; above, they fire at once, and every request would time out. */
const Seconds = z.number().positive().max(2_000_000)

export const TimeoutsSchema = z.strictObject({
  connect_seconds: Seconds.optional().describe('Until the connection stands. Default 10.'),
  first_byte_seconds: Seconds.optional().describe(
    "Until the first byte of the answer, under the client's 300 s. Default 240.",
  ),
  idle_seconds: Seconds.optional().describe('Longest silence between two bytes. Default 120.'),
  total_seconds: Seconds.optional().describe('The whole exchange. Default: the carrier’s own limit.'),
})

export const RetriesSchema = z.strictObject({
  max_retries: z
    .number()
    .int()
    .min(0)
    .max(10)
    .optional()
    .describe('Tries after the first, per target. Default 2.'),
  max_seconds: Seconds.optional().describe(
    'No retry starts later than this after the request came. Default 60.',
  ),
})

/**
 * `env:NAME` · `secret:NAME[#FIELD]` · `secret:#FIELD` · `none`.
 * Without `#`, NAME is a field of the stack's own secret, or, when there is no such field, a secret of that name.
 */
export const KeyReferenceSchema = z
  .string()
  .regex(
    /^(env:[A-Za-z_][A-Za-z0-9_]*|secret:([^#\s]+(#\S+)?|#\S+)|none)$/,
    'a key is env:NAME, secret:NAME, secret:NAME#FIELD or none; never the key itself',
  )

export const ProviderEntrySchema = z.strictObject({
  type: z
    .string()
    .optional()
    .describe('Record of the provider table. Default: the name itself, else openai.'),
  base_url: z.url({ protocol: /^(https?|demo)$/ }).optional(),
  path: z.string().optional().describe('Appended to base_url, when it is not the usual one.'),
  key: KeyReferenceSchema.optional().describe(
    'Default: env:<NAME>_API_KEY locally, the field <name> of the stack’s secret in AWS.',
  ),
  options: z
    .record(z.string(), z.string())
    .optional()
    .describe('Values for the {name} places of the record’s URL: region, resource, project …'),
  headers: z.record(z.string(), z.string()).optional(),
  query: z.record(z.string(), z.string()).optional(),
  timeouts: TimeoutsSchema.optional(),
  retries: RetriesSchema.optional(),
  quirks: PartialQuirksSchema.optional(),
})

export const TargetStringSchema = z.string().regex(/^[^/\s]+\/\S+$/, 'a target is PROVIDER/MODEL')

const WeightedTarget = z.strictObject({ target: TargetStringSchema, weight: z.number().positive() })

export const ModelEntrySchema = z.strictObject({
  target: TargetStringSchema.optional().describe('provider/model, split at the first slash.'),
  targets: z
    .array(WeightedTarget)
    .min(1)
    .optional()
    .describe('Several targets that share the load by weight, instead of target.'),
  display_name: z.string().optional(),
  description: z.string().optional(),
  fallbacks: z
    .array(TargetStringSchema)
    .optional()
    .describe('Tried in order on errors that another provider can cure.'),
  vision: TargetStringSchema.optional().describe(
    'Used when the request carries images and the target cannot see.',
  ),
  image_mode: z
    .enum(['full', 'latest-only'])
    .optional()
    .describe('latest-only: the Nebius edition’s lossy rule.'),
  context_window: z.number().int().positive().optional(),
  max_output_tokens: z.number().int().positive().optional(),
  min_output_tokens: z.number().int().positive().optional(),
  parameters: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('Defaults put under what the caller sends.'),
  timeouts: TimeoutsSchema.optional(),
  retries: RetriesSchema.optional(),
  quirks: PartialQuirksSchema.optional(),
})

export const TiersSchema = z.strictObject({
  haiku: z.string().optional(),
  sonnet: z.string().optional(),
  opus: z.string().optional(),
  fable: z.string().optional(),
  mythos: z.string().optional(),
})

export const CallerRuleSchema = z.strictObject({
  match: z.string().describe('ARN pattern with *, a twelve-digit account, key:NAME, or *.'),
  models: z.array(z.string()).describe('Aliases, with * as a wildcard.'),
})

export const SettingsSchema = z.strictObject({
  contact: z.string().optional().describe('Whom to ask for access; ends a permission error.'),
  ping_seconds: Seconds.optional().describe('A ping after this much silence on an open stream. Default 15.'),
})

export const ConfigurationSchema = z.strictObject({
  providers: z.record(z.string(), ProviderEntrySchema).default({}),
  models: z.record(z.string(), ModelEntrySchema).default({}),
  tiers: TiersSchema.default({}),
  default_model: z.string().optional(),
  callers: z.array(CallerRuleSchema).optional(),
  settings: SettingsSchema.default({}),
})

export type Configuration = z.infer<typeof ConfigurationSchema>
export type ProviderEntry = z.infer<typeof ProviderEntrySchema>
export type ModelEntry = z.infer<typeof ModelEntrySchema>
export type CallerRule = z.infer<typeof CallerRuleSchema>
