import { GatewayError } from '../errors.ts'
import type { ProviderKeys } from './provider-keys.ts'

/** Keys that lie in environment variables: `env:NAME`. The way of a laptop; in AWS only where a reference says so. */
export function environmentKeys(
  variables: Readonly<Record<string, string | undefined>> = process.env,
): ProviderKeys {
  return {
    async get(reference) {
      if (reference === 'none') return ''
      const name = /^env:(.+)$/.exec(reference)?.[1]
      if (name === undefined) {
        throw new GatewayError(
          'misconfigured',
          'This gateway has no secret to read keys from. The operator refers to the key as env:NAME, or runs the gateway in AWS.',
        )
      }
      // A key pasted with a line break would be refused as a header by node:https, with a message that helps nobody.
      const key = Object.hasOwn(variables, name) ? variables[name]?.trim() : undefined
      if (!key) {
        throw new GatewayError(
          'misconfigured',
          `No key: set the environment variable ${name} and start the gateway again.`,
        )
      }
      return key
    },
    refresh: () => Promise.resolve(),
  }
}
