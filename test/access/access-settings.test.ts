import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { toAccessSettings } from '../../lambda/access/access-settings.ts'
import { GatewayError } from '../../lambda/errors.ts'

describe('the access settings', () => {
  test('default to iam, the mode in which AWS itself keeps the door', () => {
    assert.equal(toAccessSettings({}).mode, 'iam')
    assert.equal(toAccessSettings({ ACCESS_MODE: '' }).mode, 'iam')
  })

  test('read every list, and take the own region where none is named', () => {
    const settings = toAccessSettings({
      ACCESS_MODE: 'bearer',
      ACCESS_ACCOUNTS: '111122223333, 444455556666,',
      ACCESS_PRINCIPALS: 'arn:aws:iam::*:role/Dev*',
      ACCESS_ISSUERS: 'https://a1b2.tokens.sts.global.api.aws',
      ACCESS_ORGANIZATION: 'o-abc1234567',
      AWS_REGION: 'eu-central-1',
    })
    assert.deepEqual(settings, {
      mode: 'bearer',
      audience: 'messages-lambda',
      accounts: ['111122223333', '444455556666'],
      principals: ['arn:aws:iam::*:role/Dev*'],
      regions: ['eu-central-1'],
      issuers: ['https://a1b2.tokens.sts.global.api.aws'],
      organization: 'o-abc1234567',
    })
    assert.deepEqual(
      toAccessSettings({ ACCESS_REGIONS: 'us-east-1,us-west-2', AWS_REGION: 'eu-west-1' }).regions,
      ['us-east-1', 'us-west-2'],
    )
  })

  const wrong: [name: string, value: string][] = [
    ['ACCESS_MODE', 'none'],
    ['ACCESS_AUDIENCE', 'two words'],
    ['ACCESS_ACCOUNTS', '1111'],
    ['ACCESS_PRINCIPALS', 'role/Dev'],
    ['ACCESS_PRINCIPALS', 'arn:aws:iam::*:role/Dev'],
    ['ACCESS_PRINCIPALS', 'arn:aws:iam::11112222333*:role/Dev'],
    ['ACCESS_REGIONS', 'evil.example.com'],
    ['ACCESS_REGIONS', 'eu-central-1/'],
    ['ACCESS_ISSUERS', 'https://evil.example.com'],
    ['ACCESS_ISSUERS', 'https://evil.example.com/.tokens.sts.global.api.aws'],
    ['ACCESS_ISSUERS', 'http://a1b2.tokens.sts.global.api.aws'],
    ['ACCESS_ORGANIZATION', 'my-company'],
  ]
  for (const [name, value] of wrong) {
    test(`refuse ${name}=${value}, by its name`, () => {
      assert.throws(
        () => toAccessSettings({ [name]: value }),
        (error) =>
          error instanceof GatewayError && error.kind === 'misconfigured' && error.message.includes(name),
      )
    })
  }

  test('never open a deployed function', () => {
    assert.equal(toAccessSettings({ ACCESS_MODE: 'open' }).mode, 'open')
    assert.throws(
      () => toAccessSettings({ ACCESS_MODE: 'open', AWS_LAMBDA_FUNCTION_NAME: 'gateway' }),
      /never deployed/,
    )
  })
})
