import { environmentKeys } from './environment-keys.ts'
import { createSecretKeys, type PreparedKeys, type SecretKeysOptions } from './secret-keys.ts'

export interface AwsKeysOptions extends SecretKeysOptions {
  /** Default: process.env. */
  readonly variables?: Readonly<Record<string, string | undefined>>
}

/** Keys in AWS: `secret:…` out of Secrets Manager, `env:…` out of the function's own environment. */
export function createAwsKeys({ variables, ...options }: AwsKeysOptions): PreparedKeys {
  const secrets = createSecretKeys(options)
  const environment = environmentKeys(variables)
  const sourceOf = (reference: string) => (reference.startsWith('secret:') ? secrets : environment)
  return {
    prepared: secrets.prepared,
    get: (reference) => sourceOf(reference).get(reference),
    refresh: (reference) => sourceOf(reference).refresh(reference),
  }
}
