import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'
import type { AwsIdentity } from './aws-identity.ts'

export interface StsTokenOptions {
  readonly audience?: string
  readonly region?: string
  readonly date?: Date
  readonly expiresSeconds?: number
  readonly action?: string
  /** Default: the audience header is signed, as the AWS CLI does. */
  readonly signAudience?: boolean
}

/** The URL inside a token, signed by AWS's own library as `aws eks get-token` signs it. */
export async function presignedUrl(identity: AwsIdentity, options: StsTokenOptions = {}): Promise<string> {
  const region = options.region ?? 'eu-central-1'
  const host = `sts.${region}.amazonaws.com`
  const signer = new SignatureV4({
    service: 'sts',
    region,
    credentials: {
      accessKeyId: identity.accessKeyId,
      secretAccessKey: identity.secretAccessKey,
      sessionToken: identity.sessionToken,
    },
    sha256: Sha256,
  })
  const audience = { 'x-k8s-aws-id': options.audience ?? 'messages-lambda' }
  const signed = await signer.presign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname: host,
      path: '/',
      query: { Action: options.action ?? 'GetCallerIdentity', Version: '2011-06-15' },
      headers: { host, ...(options.signAudience === false ? {} : audience) },
    },
    {
      expiresIn: options.expiresSeconds ?? 60,
      signingDate: options.date ?? new Date(),
      unhoistableHeaders: new Set(['x-k8s-aws-id']),
    },
  )
  const query = Object.entries(signed.query ?? {})
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
    .join('&')
  return `https://${host}/?${query}`
}

export function wrapUrl(url: string): string {
  return `k8s-aws-v1.${Buffer.from(url).toString('base64url')}`
}

export async function stsToken(identity: AwsIdentity, options: StsTokenOptions = {}): Promise<string> {
  return wrapUrl(await presignedUrl(identity, options))
}
