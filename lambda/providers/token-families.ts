import { matchesModel } from './match-model.ts'
import type { PartialQuirks } from './quirks.ts'

/**
 * How a model family counts, whichever provider serves it: the chat template comes with the model. Set by the
 * recorded requests whose answers carry usage (corpus, 2026-11; the numbers of recordings stand behind). Families
 * that are not here count as STANDARD says. Later lines win.
 */
interface TokenFamily {
  readonly match: string
  readonly quirks: Pick<
    PartialQuirks,
    | 'token_ratio'
    | 'token_base'
    | 'token_per_message'
    | 'token_tools_base'
    | 'token_per_tool'
    | 'token_tool_ratio'
  >
}

const TOKEN_FAMILIES: readonly TokenFamily[] = [
  // 18 recordings. OpenAI writes tools as TypeScript, which is shorter than their JSON.
  { match: '*gpt*', quirks: { token_base: 3, token_tools_base: 0, token_per_tool: 3, token_tool_ratio: 1 } },
  // 19. The harmony template brings a system message of its own.
  {
    match: '*gpt-oss*',
    quirks: { token_base: 64, token_tools_base: 9, token_per_tool: 7, token_tool_ratio: 1 },
  },
  // 27. Tools bring a hidden system prompt: about 340 tokens up to Sonnet 4, 550 and more since 4.5.
  { match: '*claude*', quirks: { token_base: 5, token_tools_base: 335, token_per_tool: 5 } },
  ...['4.5', '4-5', '4.6', '4-6', '4.7', '4-7', '4.8', '4-8', '-5'].map((version) => ({
    match: `*claude*${version}*`,
    quirks: { token_tools_base: 550 },
  })),
  // 19. Every Grok has a hidden prompt; how long it is depends on the model.
  { match: '*grok*', quirks: { token_base: 0, token_tools_base: 150, token_per_tool: 2 } },
  { match: '*grok-3*', quirks: { token_tools_base: 232 } },
  { match: '*grok-4-fast*', quirks: { token_base: 148, token_tools_base: 145 } },
  { match: '*grok-code*', quirks: { token_base: 196, token_tools_base: 134, token_per_tool: 1 } },
  // 11. Since V4 the instructions for tools are longer.
  { match: '*deepseek*', quirks: { token_base: 1, token_tools_base: 84, token_per_tool: 17 } },
  { match: 'deepseek-chat', quirks: { token_tools_base: 240, token_per_tool: 20 } },
  { match: '*deepseek-v4*', quirks: { token_tools_base: 220, token_per_tool: 17 } },
  // 15.
  { match: '*qwen*', quirks: { token_base: 5, token_tools_base: 94, token_per_tool: 8 } },
  { match: '*qwen3.*', quirks: { token_tools_base: 230, token_per_tool: 20 } },
  // 15; the same request costs 76 to 104 depending on who serves it.
  { match: '*kimi*', quirks: { token_base: 3, token_tools_base: 0, token_per_tool: 30 } },
  { match: '*kimi-k2.5*', quirks: { token_per_tool: 0, token_tool_ratio: 0.93 } },
  // 10.
  { match: '*glm*', quirks: { token_base: 0, token_tools_base: 92, token_per_tool: 27 } },
  // 12. The template may add a line with the date.
  { match: '*llama*', quirks: { token_base: 6, token_tools_base: 128, token_per_tool: 8 } },
  // 9. Gemini counts neither roles nor the signs of a schema.
  {
    match: '*gemini*',
    quirks: {
      token_base: 0,
      token_per_message: 0,
      token_tools_base: 0,
      token_per_tool: 0,
      token_tool_ratio: 0.34,
    },
  },
  // 8.
  { match: '*mistral*', quirks: { token_base: 8, token_tools_base: 17, token_per_tool: 30 } },
  { match: '*pixtral*', quirks: { token_base: 8, token_tools_base: 10, token_per_tool: 5 } },
  // 1.
  { match: '*minimax*', quirks: { token_base: 37 } },
]

/** The layers of quirks that a model brings to every provider, the more special ones later. */
export function tokenQuirksOf(model: string): PartialQuirks[] {
  return TOKEN_FAMILIES.filter((family) => matchesModel(family.match, model)).map((family) => family.quirks)
}
