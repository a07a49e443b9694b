import type { ProviderDraft, Takeover } from '../../../lambda/map/takeover.ts'

const SECRET = /auth|key|token|secret|cookie|password/i

/** The takeover as it may be written into a file: headers that look like secrets are left out, and a note says so. */
export function withoutSecretHeaders(takeover: Takeover): Takeover {
  const notes = [...takeover.notes]
  const providers = Object.entries(takeover.draft.providers ?? {}).map(
    ([name, entry]): [string, ProviderDraft] => {
      const headers = Object.entries(entry.headers ?? {})
      const open = headers.filter(([header]) => !SECRET.test(header))
      for (const [header] of headers.filter(([each]) => SECRET.test(each))) {
        notes.push({
          path: ['providers', name],
          text: `The header ${header} looks like a secret and is left out.`,
        })
      }
      const { headers: _all, ...rest } = entry
      return [name, open.length === 0 ? rest : { ...rest, headers: Object.fromEntries(open) }]
    },
  )
  return { ...takeover, draft: { ...takeover.draft, providers: Object.fromEntries(providers) }, notes }
}
