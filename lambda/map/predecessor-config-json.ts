import * as z from 'zod'
import { nvidiaProxy } from './predecessors/nvidia-proxy.ts'
import { RoutingProxySchema, routingProxy } from './predecessors/routing-proxy.ts'
import type { Variables } from './predecessors/variables.ts'
import type { Takeover } from './takeover.ts'

const NvidiaProxySchema = z
  .looseObject({ nvidia_url: z.string().optional(), nvidia_key: z.string().optional() })
  .refine((file) => file.nvidia_url !== undefined || file.nvidia_key !== undefined)

/** A predecessor's `config.json` as a configuration; undefined when it is none of theirs. */
export function fromPredecessorConfigJson(file: unknown, variables: Variables): Takeover | undefined {
  const nvidia = NvidiaProxySchema.safeParse(file)
  if (nvidia.success) return nvidiaProxy(variables, nvidia.data)
  const routing = RoutingProxySchema.safeParse(file)
  if (routing.success) return routingProxy(routing.data)
  return undefined
}
