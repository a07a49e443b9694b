import type { ProviderFault } from './provider-fault.ts'

/** One name, or several with commas between them. */
const LIST = '[\'"`[]*([\\w.]+(?:[\'"`]*, ?[\'"`]*[\\w.]+)*)'

/** How providers name request fields that they do not know; the first group holds the names. */
const WORDINGS: readonly RegExp[] = [
  new RegExp(`unsupported parameters?(?:\\(s\\))?:? ${LIST}`, 'gi'), // NVIDIA, OpenAI
  new RegExp(
    `unrecognized (?:request )?(?:arguments?|fields?|keys?|parameters?)(?: supplied)?(?:\\(s\\))?:? ${LIST}`,
    'gi',
  ), // OpenAI, Azure
  /unknown (?:parameters?|fields?|arguments?|names?)(?:\(s\))?:? ['"`[]*([\w.]+)/gi, // OpenAI, Google, Go and Rust servers
  /body ?-> ?([\w.]+)\W+extra (?:inputs|fields) (?:are )?not permitted/gi, // NVIDIA (FastAPI)
  /['"]body['"], ?['"]([\w.]+)['"][^}]{0,80}extra (?:inputs|fields) (?:are )?not permitted/gi, // vLLM, Mistral
  /additional properties are not allowed \(([^)]*) (?:was|were) unexpected/gi,
  /property ['"`]([\w.]+)['"`] is (?:unsupported|not supported)/gi, // Groq
  /arguments? not supported(?: on this model| with this model)?: ([\w.]+)/gi, // xAI
  new RegExp(`does not support (?:the )?(?:parameters?|arguments?):? ${LIST}`, 'gi'),
  /(?:parameter|argument|field) ['"`]?([\w.]+)['"`]? (?:is |are )?(?:not supported|unsupported|not allowed|not permitted|unknown)/gi,
  /['"`]([\w.]+)['"`] (?:is |are )?(?:not supported|unsupported) (?:with|by|for|on) this model/gi,
  /unsupported value: ['"`]([\w.]+)['"`] does not support/gi, // OpenAI: only the default is taken
  /does not support ['"`]([\w.]+)['"`] value/gi, // xAI
  /\b([a-z]+(?:_[a-z]+)+) (?:is |are )?(?:not supported|unsupported)/gi,
]

/** Codes under which `param` names a field that can be left out. */
const PARAM_CODES = new Set([
  'unsupported_parameter',
  'unknown_parameter',
  'unsupported_value',
  'unrecognized_parameter',
])

/** A request is none without these; and what stands inside the history cannot be left out by its name. */
const KEPT = new Set([
  'model',
  'messages',
  'stream',
  'body',
  'parameter',
  'and',
  'or',
  'is',
  'not',
  'with',
  'this',
  'the',
])

/** Names of the request fields that the provider refuses, for one more try without them. */
export function toRejectedParameters(fault: ProviderFault): string[] {
  const names = new Set<string>()
  const blamed = fault.words.some((word) => PARAM_CODES.has(word))
  if (blamed && fault.param !== undefined) names.add(fault.param)
  for (const wording of WORDINGS) {
    for (const match of fault.message.matchAll(wording)) {
      for (const name of (match[1] ?? '').split(/[,\s]+/))
        names.add(name.replaceAll(/^['"`.]+|['"`.]+$/g, ''))
    }
  }
  return [...names].filter((name) => /^[a-zA-Z_][\w.]*$/.test(name) && isDroppable(name))
}

function isDroppable(name: string): boolean {
  const [first = ''] = name.split('.')
  return !KEPT.has(first) && name.length > 1
}
