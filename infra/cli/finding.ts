/** One thing that `doctor` looked at. */
export interface Finding {
  readonly subject: string
  readonly state: 'ok' | 'warning' | 'failed'
  /** What was found, and, unless it is fine, what to do. */
  readonly words: string
}
