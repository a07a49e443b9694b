import { type ErrorKind, GatewayError } from '../../lambda/errors.ts'
import { signInCommand } from './aws-credentials.ts'

/** An answer that came from AWS in front of the gateway: it has no `request-id`, which every gateway answer has. */
export interface AwsRefusal {
  readonly status: number
  readonly errorType: string
  readonly body: string
}

export interface RefusalContext {
  readonly url: URL
  readonly region: string
  readonly profile?: string
  /** The caller's ARN, where STS told it. */
  readonly arn?: string
}

/** Whether new credentials may help: AWS calls the session token of this request expired. */
export function isExpired({ status, errorType, body }: AwsRefusal): boolean {
  return status === 403 && (/ExpiredToken/i.test(errorType) || /security token .*expired/i.test(body))
}

/** What AWS's answer means for the caller, and what to do about it. */
export function toRefusalError(refusal: AwsRefusal, context: RefusalContext): GatewayError {
  if (refusal.status === 403) return toDenial(refusal, context)
  if (refusal.status === 413) {
    return new GatewayError(
      'request_too_large',
      'The request is larger than AWS Lambda takes (6 MB), even compressed. Run /compact, or send fewer images.',
    )
  }
  if (refusal.status === 429) {
    return new GatewayError(
      'rate_limit',
      'The gateway has no room for another turn right now (Lambda concurrency).',
    )
  }
  if (refusal.status === 404) {
    return new GatewayError(
      'not_found',
      `There is no gateway at ${context.url.host}. Check --url or the stack.`,
    )
  }
  const kind: ErrorKind = refusal.status >= 500 ? 'upstream' : 'invalid_request'
  return new GatewayError(
    kind,
    `AWS answered ${refusal.status} in place of the gateway. Its operator finds the reason in the function's log.`,
    { status: refusal.status },
  )
}

function toDenial(refusal: AwsRefusal, { url, region, profile, arn }: RefusalContext): GatewayError {
  const { body } = refusal
  if (isExpired(refusal)) {
    return denied('authentication', `Your AWS credentials have expired. Run: ${signInCommand(profile)}`)
  }
  if (/security token .*invalid|UnrecognizedClient|InvalidClientTokenId/i.test(body + refusal.errorType)) {
    return denied('authentication', `AWS does not know these credentials. Run: ${signInCommand(profile)}`)
  }
  if (/signature expired|signature not yet current/i.test(body)) {
    return denied('authentication', "AWS refuses the signature's date. Set this machine's clock.")
  }
  if (/credential should be scoped/i.test(body)) {
    return denied(
      'authentication',
      `The signature was made for the region ${region}, where this gateway is not. Name its region with --region.`,
    )
  }
  if (/signature/i.test(body)) {
    return denied(
      'authentication',
      'AWS refuses the signature: the secret access key is not the one of this access key, or something on the way changes requests. Check the credentials and the proxy.',
    )
  }
  const who = arn === undefined ? 'These AWS credentials' : `You are ${arn}, and that identity`
  return denied(
    'permission',
    `${who} may not call ${url.host}. Ask the people who run the gateway to add your organisation, account or role (-c organization, accounts or principals); from another account, your own role also needs lambda:InvokeFunctionUrl and lambda:InvokeFunction. Another identity: messages-lambda connect --profile NAME.`,
  )
}

function denied(kind: ErrorKind, message: string): GatewayError {
  return new GatewayError(kind, message, { shouldRetry: false })
}
