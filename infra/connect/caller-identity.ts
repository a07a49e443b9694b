import * as z from 'zod'
import { fetchJson, type JsonRequest } from '../../lambda/access/fetch-json.ts'
import { stsHost } from '../../lambda/access/sts-token.ts'
import type { Credentials } from './aws-credentials.ts'
import { signingHeaders } from './sign-request.ts'

const AnswerSchema = z.object({
  GetCallerIdentityResponse: z.object({ GetCallerIdentityResult: z.object({ Arn: z.string() }) }),
})

/** Says whose credentials these are, for a person who has to ask for access. */
export type NameIdentity = (credentials: Credentials) => Promise<string | undefined>

/** @param endpoint where the request to STS goes; only tests set it. */
export function createNameIdentity(region: string, endpoint?: JsonRequest['endpoint']): NameIdentity {
  return async (credentials) => {
    const url = new URL(`https://${stsHost(region)}/?Action=GetCallerIdentity&Version=2011-06-15`)
    try {
      const headers = await signingHeaders({
        method: 'GET',
        url,
        body: new Uint8Array(),
        service: 'sts',
        region,
        credentials,
      })
      const answer = await fetchJson(url, {
        headers,
        timeoutMilliseconds: 3000,
        maximumBytes: 64 * 1024,
        endpoint,
      })
      const parsed = AnswerSchema.safeParse(answer.body)
      return parsed.success ? parsed.data.GetCallerIdentityResponse.GetCallerIdentityResult.Arn : undefined
    } catch {
      // Only the name in an error text hangs on it, and that text says what is wrong without it as well.
      return undefined
    }
  }
}
