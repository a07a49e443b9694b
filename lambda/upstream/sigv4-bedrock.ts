import { GatewayError } from '../errors.ts'
import { type AwsCredentialSource, awsCredentials } from './aws-credentials.ts'

export interface RequestToSign {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | string
  /** From the target's options; the host name tells it where it is absent. */
  readonly region: string | undefined
}

/**
 * Signs a POST with AWS Signature Version 4 for the service `bedrock`, which both of Bedrock's OpenAI-compatible
 * endpoints take (docs.aws.amazon.com, 2026-11). Returns all headers, the signature's among them.
 * @throws GatewayError `misconfigured` without credentials or region.
 */
export async function signForBedrock(
  { url, headers, body, region }: RequestToSign,
  credentials: AwsCredentialSource = awsCredentials,
  signingDate = new Date(),
): Promise<Record<string, string>> {
  // Loaded by those who sign: a laptop without Bedrock starts with 8 MB less (measured 2026-11).
  const [{ SignatureV4 }, { Sha256 }] = await Promise.all([
    import('@smithy/signature-v4'),
    import('@aws-crypto/sha256-js'),
  ])
  const { protocol, hostname, host, port, pathname, searchParams } = new URL(url)
  const signer = new SignatureV4({
    service: 'bedrock',
    region: region ?? regionOf(hostname),
    credentials: await found(credentials),
    sha256: Sha256,
  })
  const signed = await signer.sign(
    {
      method: 'POST',
      protocol,
      hostname,
      ...(port === '' ? {} : { port: Number(port) }),
      path: pathname,
      query: Object.fromEntries(searchParams),
      headers: { ...headers, host },
      body,
    },
    { signingDate },
  )
  return signed.headers
}

async function found(credentials: AwsCredentialSource) {
  try {
    return await credentials()
  } catch (cause) {
    throw new GatewayError(
      'misconfigured',
      'There are no AWS credentials to sign the request to Bedrock with. Sign in (aws sso login), or set a Bedrock API key for the provider.',
      { cause },
    )
  }
}

/** `bedrock-runtime.eu-west-1.amazonaws.com`, `bedrock-mantle.eu-west-1.api.aws`. */
function regionOf(hostname: string): string {
  const region = /^bedrock[\w-]*\.([a-z]{2}(?:-[a-z]+)+-\d)\./.exec(hostname)?.[1]
  if (region !== undefined) return region
  throw new GatewayError(
    'misconfigured',
    'The AWS region for Bedrock is not known. Set options: { region: … } of the provider, or AWS_REGION.',
  )
}
