import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Credentials, createCredentialSource } from '../../../infra/connect/aws-credentials.ts'
import { GatewayError } from '../../../lambda/errors.ts'

function credentials(expiresInSeconds?: number): Credentials {
  return {
    accessKeyId: 'ASIAEXAMPLE',
    secretAccessKey: 'secret',
    expiration: expiresInSeconds === undefined ? undefined : new Date(Date.now() + expiresInSeconds * 1000),
  }
}

describe('the caller’s credentials', () => {
  test('come from one chain, which is opened once', async () => {
    let opened = 0
    const source = createCredentialSource({
      openChain: async () => {
        opened += 1
        return async () => credentials(3600)
      },
    })
    await Promise.all([source.get(), source.get()])
    await source.get()
    assert.equal(opened, 1)
  })

  test('are read from a new chain when they are about to expire, once for all who ask', async () => {
    let opened = 0
    const source = createCredentialSource({
      openChain: async () => {
        opened += 1
        return async () => credentials(opened === 1 ? 30 : 3600)
      },
    })
    const [first, second] = await Promise.all([source.get(), source.get()])
    assert.equal(opened, 2)
    assert.equal(first, second)
  })

  test('can be asked for again after a failure', async () => {
    let tries = 0
    const source = createCredentialSource({
      openChain: async () => {
        tries += 1
        if (tries === 1) throw new Error('Could not load credentials from any providers')
        return async () => credentials()
      },
    })
    await assert.rejects(source.get())
    await source.get()
  })

  const failures: [words: string, profile: string | undefined, expected: RegExp][] = [
    [
      'Could not load credentials from any providers',
      undefined,
      /no AWS credentials.*aws sso login.*AWS_ACCESS_KEY_ID/,
    ],
    [
      "The SSO session associated with this profile has expired. To refresh this SSO session run 'aws sso login' with the corresponding profile.",
      'work',
      /has expired\. Run: aws sso login --profile work$/,
    ],
    [
      "Token is expired. To refresh this SSO session run 'aws sso login' with the corresponding profile.",
      undefined,
      /has expired\. Run: aws sso login$/,
    ],
    [
      'Could not resolve credentials using profile: [wrok] in configuration/credentials file(s).',
      'wrok',
      /profile wrok does not exist or has no credentials.*aws sso login --profile wrok/,
    ],
    ['Command failed: my-process --give-credentials', undefined, /could not be read: Command failed/],
  ]
  for (const [words, profile, expected] of failures) {
    test(`that fail with "${words.slice(0, 40)}…" say what to run`, async () => {
      const source = createCredentialSource({
        profile,
        openChain: async () => async () => {
          throw new Error(words)
        },
      })
      await assert.rejects(source.get(), (error) => {
        assert.ok(error instanceof GatewayError)
        assert.equal(error.type, 'authentication_error')
        assert.equal(error.shouldRetry, false)
        assert.match(error.message, expected)
        return true
      })
    })
  }
})
