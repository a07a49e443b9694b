/** Who is asking. Made by `authenticate`, carried by every log line of the turn, matched by `callers:`. */
export interface Caller {
  /** For people and logs: an ARN, `key:NAME`, or `local`. Never a token. */
  readonly id: string
  readonly kind: 'iam' | 'sts' | 'jwt' | 'key' | 'local'
  /** Twelve digits; absent for keys and the local user. */
  readonly account?: string
  readonly arn?: string
}
