/** Where provider keys come from: the environment on a laptop, Secrets Manager in AWS. */
export interface ProviderKeys {
  /**
   * The secret text that a reference names.
   * References: `env:NAME` · `secret:NAME[#FIELD]` · `none`.
   * @throws GatewayError `misconfigured`, naming what to set, when there is none.
   */
  get(reference: string): Promise<string>
  /** Reads the source again, once for all who ask at the same time; called when a provider answered 401. */
  refresh(reference: string): Promise<void>
}
