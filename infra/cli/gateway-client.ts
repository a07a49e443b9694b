import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { type CredentialSourceOptions, createCredentialSource } from '../connect/aws-credentials.ts'
import { createNameIdentity } from '../connect/caller-identity.ts'
import { toSignableUrl } from '../connect/sign-request.ts'
import { createSignedExchange } from '../connect/signed-exchange.ts'
import { CommandError } from './command.ts'
import { findGateway, type TargetChoice } from './connect-target.ts'
import { readStackOutputs } from './stack-outputs.ts'

/** A gateway that requests can be sent to, in whichever way it lets callers in. */
export interface GatewayClient {
  readonly url: URL
  readonly access: 'iam' | 'bearer' | 'open'
  /** Resolves with the answer as soon as its headers are there. */
  send(request: {
    readonly method: string
    readonly path: string
    readonly body?: string
    readonly signal: AbortSignal
  }): Promise<IncomingMessage>
}

export interface GatewayClientOptions {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Only tests set it. */
  readonly openChain?: CredentialSourceOptions['openChain']
}

/**
 * The gateway of `--url` or MESSAGES_LAMBDA_URL, or the one of the stack. A loopback URL is a gateway on this machine;
 * a key in MESSAGES_LAMBDA_KEY goes to gateways in bearer mode; everything else is signed with AWS credentials.
 * @throws CommandError when there is no gateway to be found, or no key for it.
 */
export async function openGateway(
  choice: TargetChoice,
  { environment, openChain }: GatewayClientOptions,
): Promise<GatewayClient> {
  const key = environment['MESSAGES_LAMBDA_KEY']
  const named = choice.url ?? environment['MESSAGES_LAMBDA_URL']
  const outputs = named === undefined ? await readStackOutputs({ ...choice, environment }) : {}
  const text = named ?? outputs['FunctionUrl']
  if (text === undefined)
    throw new CommandError('The stack has no output FunctionUrl. Name the gateway with --url.')
  const local = named !== undefined && isLoopback(text)
  const access = local ? 'open' : (outputs['AccessMode'] ?? (key === undefined ? 'iam' : 'bearer'))
  // Only a signature needs a region.
  const { url, region } = await findGateway(
    { ...choice, url: text, region: choice.region ?? (access === 'iam' ? undefined : 'none') },
    environment,
  )
  if (access === 'iam') {
    const { profile } = choice
    const exchange = createSignedExchange(
      {
        url,
        region,
        profile,
        credentials: createCredentialSource({ profile, openChain }),
        nameIdentity: createNameIdentity(region),
      },
      environment,
    )
    return {
      url,
      access,
      send: ({ method, path, body = '', signal }) =>
        exchange({
          method,
          url: toSignableUrl(url, path),
          headers: JSON_HEADERS,
          body: Buffer.from(body),
          signal,
        }),
    }
  }
  if (access === 'bearer' && key === undefined) {
    throw new CommandError(
      'The gateway is in bearer mode: put an API key of it into MESSAGES_LAMBDA_KEY (messages-lambda callers add NAME --key).',
    )
  }
  const headers = { ...JSON_HEADERS, 'x-api-key': key ?? 'local' }
  return {
    url,
    access: access === 'bearer' ? 'bearer' : 'open',
    send: ({ method, path, body = '', signal }) =>
      sendPlain(toSignableUrl(url, path), { method, headers, signal }, body),
  }
}

const JSON_HEADERS = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' }

function isLoopback(text: string): boolean {
  return /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])([:/]|$)/.test(text)
}

function sendPlain(
  url: URL,
  options: {
    readonly method: string
    readonly headers: Record<string, string>
    readonly signal: AbortSignal
  },
  body: string,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'http:' ? httpRequest : httpsRequest
    const outgoing = send(url, {
      ...options,
      headers: { ...options.headers, 'content-length': Buffer.byteLength(body) },
    })
    outgoing.once('response', resolve)
    outgoing.once('error', (cause) => {
      reject(
        new CommandError(
          `The gateway at ${url.host} could not be reached (${'code' in cause ? String(cause.code) : cause.message}). Is it running?`,
          { cause },
        ),
      )
    })
    outgoing.end(body)
  })
}
