import { providerByAddress } from '../provider-by-address.ts'
import type { Takeover, TakeoverNote } from '../takeover.ts'
import { countOf, hasAny, portOf, textOf, type Variables, withoutUndefined } from './variables.ts'

const NVIDIA_ADDRESS = 'https://integrate.api.nvidia.com/v1'

/** claude-nvidia-proxy (Go): one address, every model name goes through unchanged. */
export function isNvidiaProxy(variables: Variables): boolean {
  return hasAny(variables, 'UPSTREAM_URL', 'PROVIDER_API_KEY')
}

/** @param file its `config.json`, which the environment overrides. */
export function nvidiaProxy(
  variables: Variables,
  file: { readonly nvidia_url?: string; readonly nvidia_key?: string } = {},
): Takeover {
  const { name, entry } = providerByAddress(
    textOf(variables, 'UPSTREAM_URL') ?? file.nvidia_url ?? NVIDIA_ADDRESS,
  )
  const seconds = countOf(variables, 'UPSTREAM_TIMEOUT_SECONDS')
  const keyVariable = 'PROVIDER_API_KEY'
  const key = textOf(variables, keyVariable) ?? file.nvidia_key
  const notes: TakeoverNote[] = [
    { path: ['models', '*'], text: 'Every other model name goes through unchanged, as before.' },
    {
      path: ['models', `${name}/*`],
      text: `Names that begin with "${name}/" are whole model names there, not PROVIDER/MODEL.`,
    },
  ]
  if (hasAny(variables, 'SERVER_API_KEY')) notes.push(inboundKeyNote('SERVER_API_KEY'))
  return {
    system: 'claude-nvidia-proxy',
    draft: {
      providers: {
        [name]: withoutUndefined({
          ...entry,
          key: `env:${keyVariable}`,
          timeouts: seconds === undefined ? undefined : { first_byte_seconds: seconds },
        }),
      },
      models: { [`${name}/*`]: { target: `${name}/${name}/*` }, '*': { target: `${name}/*` } },
    },
    notes,
    variables: key === undefined ? {} : { [keyVariable]: key },
    port: portOf(variables, 'ADDR'),
  }
}

/** The predecessors' one shared key for callers has no place here: callers are known by who they are. */
export function inboundKeyNote(variable: string): TakeoverNote {
  return {
    path: [],
    text: `${variable} let callers in. Here AWS says who they are, or each gets a key of their own: messages-lambda callers add.`,
  }
}
