import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type AwsRefusal, isExpired, toRefusalError } from '../../../infra/connect/refused-by-aws.ts'

const CONTEXT = {
  url: new URL('https://abc123.lambda-url.eu-central-1.on.aws/'),
  region: 'eu-central-1',
  profile: 'work',
  arn: 'arn:aws:sts::111122223333:assumed-role/Dev/alice',
}

/** Bodies as AWS words them; capital and small m both occur. */
const REFUSALS: [what: string, refusal: AwsRefusal, status: number, message: RegExp][] = [
  [
    'no permission',
    { status: 403, errorType: 'AccessDeniedException', body: '{"Message":"Forbidden"}' },
    403,
    /assumed-role\/Dev\/alice.*may not call abc123.*lambda:InvokeFunctionUrl/,
  ],
  [
    'an expired session',
    {
      status: 403,
      errorType: 'ExpiredTokenException',
      body: '{"message":"The security token included in the request is expired"}',
    },
    401,
    /aws sso login --profile work/,
  ],
  [
    'unknown credentials',
    {
      status: 403,
      errorType: 'UnrecognizedClientException',
      body: '{"message":"The security token included in the request is invalid."}',
    },
    401,
    /does not know these credentials/,
  ],
  [
    'a wrong clock',
    {
      status: 403,
      errorType: 'InvalidSignatureException',
      body: '{"message":"Signature expired: 20261120T100000Z is now earlier than 20261120T105500Z"}',
    },
    401,
    /clock/,
  ],
  [
    'another region',
    {
      status: 403,
      errorType: 'InvalidSignatureException',
      body: '{"message":"Credential should be scoped to a valid region. "}',
    },
    401,
    /--region/,
  ],
  [
    'a wrong secret',
    {
      status: 403,
      errorType: 'InvalidSignatureException',
      body: '{"message":"The request signature we calculated does not match the signature you provided."}',
    },
    401,
    /secret access key/,
  ],
  [
    'a full house',
    { status: 429, errorType: '', body: '{"Reason":"ConcurrentInvocationLimitExceeded"}' },
    429,
    /no room/,
  ],
  ['too much', { status: 413, errorType: '', body: '' }, 413, /6 MB.*compact/],
  ['nobody there', { status: 404, errorType: '', body: '{"Message":null}' }, 404, /no gateway at abc123/],
  ['a broken function', { status: 502, errorType: '', body: 'Internal Server Error' }, 502, /function's log/],
]

describe("AWS's own answer in front of the gateway", () => {
  for (const [what, refusal, status, message] of REFUSALS) {
    test(`about ${what} becomes ${status} and says what to do`, () => {
      const error = toRefusalError(refusal, CONTEXT)
      assert.equal(error.status, status)
      assert.match(error.message, message)
      assert.equal(isExpired(refusal), what === 'an expired session')
      // What nobody but the user can mend is not asked again and again.
      assert.equal(error.shouldRetry, refusal.status === 403 ? false : undefined)
    })
  }

  test('names nobody when STS did not tell who', () => {
    const error = toRefusalError({ status: 403, errorType: '', body: '' }, { ...CONTEXT, arn: undefined })
    assert.match(error.message, /^These AWS credentials may not call/)
  })
})
