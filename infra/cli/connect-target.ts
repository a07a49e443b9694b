import { CommandError } from './command.ts'
import { readStackOutputs } from './stack-outputs.ts'

export interface GatewayTarget {
  readonly url: URL
  readonly region: string
}

export interface TargetChoice {
  readonly url?: string
  readonly region?: string
  readonly stack?: string
  readonly profile?: string
}

/** Where the gateway is, and for which region to sign. @throws CommandError when neither is told or found. */
export async function findGateway(
  choice: TargetChoice,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<GatewayTarget> {
  const text = choice.url ?? environment['MESSAGES_LAMBDA_URL'] ?? (await askStack(choice, environment))
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !isSafe(url)) {
    throw new CommandError(`${text} is not a gateway's URL: it must begin with https://`)
  }
  const region =
    choice.region ?? regionOf(url) ?? environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION']
  if (region === undefined) {
    throw new CommandError(`${url.host} does not tell the gateway's region. Name it with --region.`)
  }
  return { url, region }
}

/** Prompts and session tokens never leave the machine unencrypted. */
function isSafe(url: URL): boolean {
  return (
    url.protocol === 'https:' ||
    (url.protocol === 'http:' && /^(127\.0\.0\.1|localhost|\[::1\])$/.test(url.hostname))
  )
}

function regionOf(url: URL): string | undefined {
  return /^[a-z0-9]+\.lambda-url\.([a-z0-9-]+)\.on\.aws$/.exec(url.hostname)?.[1]
}

async function askStack(
  { stack, region, profile }: TargetChoice,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const outputs = await readStackOutputs({ stack, region, profile, environment })
  const url = outputs['FunctionUrl']
  if (url === undefined) {
    throw new CommandError('The stack has no output FunctionUrl. Name the gateway with --url.')
  }
  return url
}
