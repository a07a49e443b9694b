import assert from 'node:assert/strict'
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createAuthenticate } from '../../lambda/access/authenticate.ts'
import { createGateway } from '../../lambda/gateway.ts'
import { environmentKeys } from '../../lambda/keys/environment-keys.ts'
import { parseConfiguration } from '../../lambda/map/parse-configuration.ts'
import { fixedModelMap } from '../../lambda/map/yaml-file.ts'
import { ALICE, type AwsIdentity } from '../harness/aws-identity.ts'
import { REPOSITORY } from '../harness/gateway-process.ts'
import { startLocalGateway } from '../harness/local-gateway.ts'
import { recordedLog } from '../harness/recorded-log.ts'
import { type ScriptedUpstream, startScriptedUpstream, textReply } from '../harness/scripted-upstream.ts'
import { gatewayHandler, SignatureCheckingFront } from '../harness/signature-checking-front.ts'
import { StsEndpoint } from '../harness/sts-endpoint.ts'
import { callsReply, toolResults } from './chat-script.ts'
import { installClaudeCode, runClaude } from './claude-code.ts'

/** Claude Code as people with AWS identities start it. */

function configurationFor(upstream: ScriptedUpstream) {
  return {
    providers: { office: { base_url: upstream.url, key: 'none' } },
    models: {
      'test-model': { target: 'office/scripted-model' },
      secret: { target: 'office/scripted-model' },
    },
    callers: [{ match: '111122223333', models: ['test-model'] }],
    settings: { contact: '#ai-platform' },
  }
}

async function provider(context: TestContext): Promise<ScriptedUpstream> {
  const upstream = await startScriptedUpstream()
  context.after(() => upstream.close())
  return upstream
}

/** A turn in two steps: a file is written, with `between` while the tool runs, and then it is told. */
function scriptTwoSteps(upstream: ScriptedUpstream, file: string, between: () => Promise<void>): void {
  upstream.always(async (request) => {
    if (toolResults(request) > 0) return textReply('Done.')
    await between()
    return callsReply([{ name: 'Write', input: { file_path: file, content: 'written\n' } }])
  })
}

/** The gateway in iam mode behind a URL that verifies signatures, and `messages-lambda connect` before it. */
async function openConnected(context: TestContext, upstream: ScriptedUpstream) {
  const log = recordedLog()
  const gateway = createGateway({
    authenticate: createAuthenticate({ mode: 'iam' }),
    map: fixedModelMap(parseConfiguration(configurationFor(upstream)), { environment: 'local' }),
    keys: environmentKeys({}),
    log,
    now: () => performance.now(),
    version: 'test',
  })
  const front = await SignatureCheckingFront.start({ handler: gatewayHandler(gateway) })
  context.after(() => front.close())
  const program = await installClaudeCode()
  const folder = await mkdtemp(join(tmpdir(), 'claude-folder-'))
  const credentialsFile = join(folder, 'credentials.json')
  const signIn = ({ accessKeyId, secretAccessKey, sessionToken }: AwsIdentity) =>
    writeFile(
      credentialsFile,
      JSON.stringify({
        Version: 1,
        AccessKeyId: accessKeyId,
        SecretAccessKey: secretAccessKey,
        SessionToken: sessionToken,
      }),
    )
  await signIn(ALICE)
  const awsConfiguration = join(folder, 'aws-config')
  await writeFile(
    awsConfiguration,
    `[profile work]\nregion = eu-central-1\ncredential_process = cat ${credentialsFile}\n`,
  )
  const connect = [process.execPath, join(REPOSITORY, 'infra', 'cli', 'messages-lambda.mjs'), 'connect']
  const claude = (prompt: string, model = 'test-model') =>
    runClaude({
      program,
      through: [...connect, '--profile', 'work', '--region', 'eu-central-1', '--url', front.url, '--'],
      // Not the front's: `connect` has to replace both.
      baseUrl: 'http://127.0.0.1:9',
      model,
      prompt,
      folder,
      arguments: ['--allowedTools', 'Write'],
      environment: {
        AWS_CONFIG_FILE: awsConfiguration,
        AWS_EC2_METADATA_DISABLED: 'true',
        CLAUDE_CODE_MAX_RETRIES: '2',
      },
    })
  return { front, log, folder, claude, signIn }
}

test('Claude Code works through `messages-lambda connect -- claude`, every request signed', async (context) => {
  const upstream = await provider(context)
  const { front, log, folder, claude } = await openConnected(context, upstream)
  const file = join(folder, 'greeting.txt')
  scriptTwoSteps(upstream, file, async () => {})
  const run = await claude('Write greeting.txt')
  assert.equal(run.result['is_error'], false, JSON.stringify(run.result) + run.stderr)
  assert.equal(run.exitCode, 0)
  assert.equal(run.result['result'], 'Done.')
  assert.equal(await readFile(file, 'utf8'), 'written\n')
  assert.match(run.stderr, /Connected to 127\.0\.0\.1:\d+ as arn:aws:sts::111122223333/)
  assert.deepEqual(front.refused, [])
  const turns = log.lines.filter(({ message }) => message === 'turn')
  assert.ok(turns.length >= 2)
  assert.deepEqual(new Set(turns.map(({ fields }) => fields['caller'])), new Set([ALICE.arn]))
})

test('AWS credentials that expire in mid-session are read again, and the session goes on', async (context) => {
  const upstream = await provider(context)
  const { front, folder, claude, signIn } = await openConnected(context, upstream)
  const renewed: AwsIdentity = {
    ...ALICE,
    accessKeyId: 'ASIAEXAMPLEALICE0002',
    sessionToken: 'a-new-session',
  }
  scriptTwoSteps(upstream, join(folder, 'greeting.txt'), async () => {
    front.expired.add(ALICE.accessKeyId)
    front.identities.add(renewed)
    await signIn(renewed)
  })
  const run = await claude('Write greeting.txt')
  assert.equal(run.result['is_error'], false, JSON.stringify(run.result) + run.stderr)
  assert.equal(run.result['result'], 'Done.')
  assert.deepEqual(front.refused, ['expired'])
})

test('a model that the caller may not use is named to the user, with whom to ask', async (context) => {
  const upstream = await provider(context)
  const { claude } = await openConnected(context, upstream)
  const run = await claude('Hello', 'secret')
  assert.equal(run.result['is_error'], true)
  assert.match(JSON.stringify(run.result), /no rule lets you use the model .*secret.*#ai-platform/)
  assert.equal(upstream.requests.length, 0)
})

test('an apiKeyHelper is asked again when its token has expired in mid-session, and the session goes on', async (context) => {
  const upstream = await provider(context)
  const sts = await StsEndpoint.start()
  let ahead = 0
  const gateway = await startLocalGateway({
    configuration: configurationFor(upstream),
    authenticate: createAuthenticate({
      mode: 'bearer',
      audience: 'messages-lambda',
      accounts: [ALICE.account],
      principals: [],
      regions: ['eu-central-1'],
      issuers: [],
      now: () => Date.now() + ahead,
      endpoint: sts.endpoint,
    }),
  })
  context.after(async () => {
    await gateway.close()
    await sts.close()
  })
  const folder = await mkdtemp(join(tmpdir(), 'claude-folder-'))
  const [clock, calls, file] = ['clock', 'calls', 'greeting.txt'].map((name) => join(folder, name))
  assert.ok(clock && calls && file)
  await writeFile(clock, '0')
  scriptTwoSteps(upstream, file, async () => {
    ahead = 20 * 60_000
    await writeFile(clock, String(ahead))
  })
  const helper = [process.execPath, join(REPOSITORY, 'test', 'e2e', 'token-helper.ts'), clock, calls].join(
    ' ',
  )
  const run = await runClaude({
    program: await installClaudeCode(),
    baseUrl: gateway.url,
    prompt: 'Write greeting.txt',
    folder,
    arguments: ['--allowedTools', 'Write', '--settings', JSON.stringify({ apiKeyHelper: helper })],
    environment: { ANTHROPIC_AUTH_TOKEN: '' },
  })
  const statuses = gateway.log.lines
    .filter(({ message }) => message === 'turn')
    .map(({ fields }) => fields['status'])
  assert.equal(run.result['is_error'], false, JSON.stringify(run.result) + run.stderr)
  assert.equal(run.result['result'], 'Done.')
  assert.equal(await readFile(file, 'utf8'), 'written\n')
  assert.ok(statuses.includes(401), String(statuses))
  const tokens = (await readFile(calls, 'utf8')).trim().split('\n')
  assert.ok(new Set(tokens).size >= 2, `${tokens.length} tokens`)
  const log = JSON.stringify(gateway.log.lines)
  for (const token of tokens) assert.ok(!log.includes(token))
})
