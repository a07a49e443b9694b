import { environmentKeys } from './environment-keys.ts'
import type { ProviderKeys } from './provider-keys.ts'
import { createSecretKeys, type SecretKeysOptions } from './secret-keys.ts'

export interface AwsKeysOptions extends SecretKeysOptions {
  /** Default: process.env. */
  readonly variables?: Readonly<Record<string, string | undefined>>
}

/** Keys in AWS: `secret:…` out of Secrets Manager, `env:…` out of the function's own environment. */
export function createAwsKeys({ variables, ...options }: AwsKeysOptions): ProviderKeys {
  const secrets = createSecretKeys(options)
  const environment = environmentKeys(variables)
  const sourceOf = (reference: string) => (reference.startsWith('secret:') ? secrets : environment)
  return {
    get: (reference) => sourceOf(reference).get(reference),
    refresh: (reference) => sourceOf(reference).refresh(reference),
  }
}
