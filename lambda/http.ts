/** Who AWS says the caller is, from `requestContext.authorizer.iam` of a Function URL with AWS_IAM. */
export interface IamIdentity {
  readonly accountId: string
  readonly userArn: string
  readonly userId: string
  readonly principalOrgId?: string
}

/**
 * A request, whatever carried it: a Function URL event, node:http, a test.
 * The adapters (`handler.ts`, `local.ts`) make it; nothing behind them knows the carrier.
 */
export interface GatewayRequest {
  /** `req_…`, unique; goes back in the `request-id` header and into every log line of the turn. */
  readonly id: string
  readonly method: string
  /** As sent, still percent-encoded, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  /** Names in lower case; repeated headers joined with ", ". */
  readonly headers: Readonly<Record<string, string>>
  /** As sent: possibly compressed (`content-encoding`). */
  readonly body: Uint8Array
  /** Aborted when the caller has left, where the carrier can tell; never on Lambda. */
  readonly signal: AbortSignal
  /** Present only when AWS itself has verified a signature. */
  readonly iam?: IamIdentity
  /** Milliseconds until the carrier stops us (the Lambda's deadline). Absent: no limit. */
  readonly remainingMilliseconds?: () => number
}

/** An answer, whatever carries it. A stream's status and headers are final once its body is iterated. */
export interface GatewayAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | AsyncIterable<string | Uint8Array>
}
