import * as z from 'zod'
import { providerByAddress } from '../provider-by-address.ts'
import { findRecord } from '../provider-records.ts'
import type { ModelDraft, ProviderDraft, Takeover, TakeoverNote } from '../takeover.ts'
import { toKeyVariable } from '../to-target.ts'
import { withoutUndefined } from './variables.ts'

const ModelSchema = z.looseObject({
  id: z.string().min(1),
  remote_id: z.string().nullish(),
  display_name: z.string().nullish(),
})

/** claude-proxy's `config.json`: model ids, each with its provider. */
export const RoutingProxySchema = z.looseObject({
  ak: z.string().nullish(),
  port: z.number().int().nullish(),
  upstream_timeout_seconds: z.number().nullish(),
  providers: z
    .array(
      z.looseObject({
        name: z.string().nullish(),
        base_url: z.string().min(1),
        api_key: z.string().min(1),
        models: z.array(ModelSchema).nullish(),
      }),
    )
    .min(1),
})

/**
 * Its address was `{base_url}/v1/chat/completions`; an id that no provider has was refused.
 * Two providers with one id stopped it at start; here the first one keeps the id, and a note says so.
 */
export function routingProxy(file: z.infer<typeof RoutingProxySchema>): Takeover {
  const providers: Record<string, ProviderDraft> = {}
  const models: Record<string, ModelDraft> = {}
  const variables: Record<string, string> = {}
  const notes: TakeoverNote[] = []
  for (const each of file.providers) {
    const { name, entry } = toProvider(each.name ?? undefined, each.base_url, Object.keys(providers))
    const variable = toKeyVariable(name)
    variables[variable] = each.api_key
    const seconds = file.upstream_timeout_seconds
    providers[name] = withoutUndefined({
      ...entry,
      key: `env:${variable}`,
      timeouts: seconds ? { first_byte_seconds: seconds } : undefined,
    })
    notes.push({
      path: ['providers', name],
      text: `The key stood in config.json. Put it into ${variable}, or: messages-lambda keys set ${name}.`,
    })
    for (const { id, remote_id, display_name } of each.models ?? []) {
      if (Object.hasOwn(models, id)) {
        notes.push({ path: ['models', id], text: `${name} had this id as well; the first one stays.` })
        continue
      }
      models[id] = withoutUndefined({
        target: `${name}/${remote_id || id}`,
        display_name: display_name || undefined,
      })
    }
  }
  if (file.ak)
    notes.push({
      path: [],
      text: '"ak" let callers in. Here AWS says who they are, or each gets a key of their own: messages-lambda callers add.',
    })
  return {
    system: 'claude-proxy',
    draft: { providers, models },
    notes,
    variables,
    port: file.port ?? undefined,
  }
}

function toProvider(
  given: string | undefined,
  baseUrl: string,
  taken: readonly string[],
): { name: string; entry: ProviderDraft } {
  const address = `${baseUrl.replace(/\/+$/, '')}/v1`
  const known = providerByAddress(address)
  const wanted =
    given
      ?.trim()
      .toLowerCase()
      .replace(/[^a-z0-9._-]+/g, '-') || known.name
  let name = wanted
  for (let number = 2; taken.includes(name); number += 1) name = `${wanted}-${number}`
  if (name === known.name) return known
  // Under a name of its own, the record is named by type, and the address always stands there.
  const type =
    findRecord(name) === undefined || known.name !== 'upstream' ? (known.entry.type ?? known.name) : undefined
  return { name, entry: withoutUndefined({ type, base_url: address }) }
}
