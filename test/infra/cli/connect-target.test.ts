import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { findGateway } from '../../../infra/cli/connect-target.ts'
import { closeServer, openOnLoopback } from '../../harness/loopback.ts'

const FUNCTION_URL = 'https://abc123.lambda-url.eu-central-1.on.aws/'

describe('the gateway to connect to', () => {
  test('is the URL that was named, signed for the region that the URL tells', async () => {
    const { url, region } = await findGateway({ url: FUNCTION_URL }, { AWS_REGION: 'us-east-1' })
    assert.equal(url.href, FUNCTION_URL)
    assert.equal(region, 'eu-central-1')
  })

  test('may be behind a domain of its own, whose region is named or the environment’s', async () => {
    const url = 'https://gateway.example.com'
    assert.equal((await findGateway({ url, region: 'eu-west-1' }, {})).region, 'eu-west-1')
    assert.equal((await findGateway({ url }, { AWS_DEFAULT_REGION: 'eu-west-2' })).region, 'eu-west-2')
  })

  test('is the one of MESSAGES_LAMBDA_URL when none is named', async () => {
    assert.equal((await findGateway({}, { MESSAGES_LAMBDA_URL: FUNCTION_URL })).url.href, FUNCTION_URL)
  })
})

describe('the stack', () => {
  let server: Server
  const asked: string[] = []
  const saved = { ...process.env }
  before(async () => {
    server = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += String(chunk)
      const stack = new URLSearchParams(body).get('StackName') ?? ''
      asked.push(stack)
      const member = (key: string, value: string) =>
        `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`
      if (stack === 'Missing') {
        response.writeHead(400, { 'content-type': 'text/xml' })
        response.end(
          '<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id Missing does not exist</Message></Error></ErrorResponse>',
        )
        return
      }
      const outputs = stack === 'Old' ? member('Other', 'x') : member('FunctionUrl', FUNCTION_URL)
      response.writeHead(200, { 'content-type': 'text/xml' })
      response.end(
        `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>${stack}</StackName><Outputs>${outputs}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`,
      )
    })
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_CLOUDFORMATION: await openOnLoopback(server),
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
    })
  })
  after(async () => {
    process.env = saved
    await closeServer(server)
  })

  test('is asked for the URL when nobody names one', async () => {
    assert.equal((await findGateway({}, {})).url.href, FUNCTION_URL)
    await findGateway({ stack: 'Staging' }, {})
    assert.deepEqual(asked, ['MessagesLambda', 'Staging'])
  })

  test('that does not exist, or has no URL, is an error that says what to name', async () => {
    await assert.rejects(findGateway({ stack: 'Missing' }, {}), /Missing.*does not exist/)
    await assert.rejects(findGateway({ stack: 'Old' }, {}), /no output FunctionUrl.*--url/)
  })
})
