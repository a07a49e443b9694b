import { DEMO } from './records/demo.ts'
import { OPENAI } from './records/openai.ts'
import type { Provider } from './provider.ts'

/** The provider table: one documented record per name. `openai` is the base for any other compatible server. */
export const PROVIDERS = {
  openai: OPENAI,
  demo: DEMO,
} as const satisfies Record<string, Provider>

export type ProviderName = keyof typeof PROVIDERS

export function isProviderName(name: string): name is ProviderName {
  return Object.hasOwn(PROVIDERS, name)
}
