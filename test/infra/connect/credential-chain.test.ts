import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createCredentialSource } from '../../../infra/connect/aws-credentials.ts'

/** The AWS SDK's own chain, over files and an environment of our own; the instance's address is switched off. */

let folder: string
const saved = { ...process.env }
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'credentials-'))
  const counting = path.join(folder, 'counting.mjs')
  await writeFile(
    counting,
    `import { appendFileSync, readFileSync } from 'node:fs'
     appendFileSync(${JSON.stringify(path.join(folder, 'calls'))}, 'x')
     const calls = readFileSync(${JSON.stringify(path.join(folder, 'calls'))}, 'utf8').length
     const life = calls === 1 ? 30_000 : 3_600_000
     console.log(JSON.stringify({ Version: 1, AccessKeyId: 'ASIAPROCESS000000' + calls, SecretAccessKey: 's',
       SessionToken: 't', Expiration: new Date(Date.now() + life).toISOString() }))`,
  )
  await writeFile(
    path.join(folder, 'config'),
    `[profile process]
credential_process = ${process.execPath} ${counting}
[profile sso]
sso_session = company
sso_account_id = 111122223333
sso_role_name = Developers
[sso-session company]
sso_start_url = https://example.awsapps.com/start
sso_region = eu-central-1
`,
  )
  await writeFile(path.join(folder, 'credentials'), '')
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
  Object.assign(process.env, {
    HOME: folder,
    AWS_CONFIG_FILE: path.join(folder, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: path.join(folder, 'credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_REGION: 'eu-central-1',
  })
})
after(async () => {
  process.env = saved
  await rm(folder, { recursive: true })
})

describe('the credential chain', () => {
  test('takes credentials from the environment', async () => {
    process.env['AWS_ACCESS_KEY_ID'] = 'AKIAENVIRONMENT000'
    process.env['AWS_SECRET_ACCESS_KEY'] = 'secret'
    const credentials = await createCredentialSource({}).get()
    delete process.env['AWS_ACCESS_KEY_ID']
    delete process.env['AWS_SECRET_ACCESS_KEY']
    assert.equal(credentials.accessKeyId, 'AKIAENVIRONMENT000')
  })

  test('takes them from a profile, and anew when they are about to expire', async () => {
    const source = createCredentialSource({ profile: 'process' })
    assert.equal((await source.get()).accessKeyId, 'ASIAPROCESS0000002')
    assert.equal((await source.get()).accessKeyId, 'ASIAPROCESS0000002')
    assert.equal((await readFile(path.join(folder, 'calls'), 'utf8')).length, 2)
    assert.equal((await source.renew()).accessKeyId, 'ASIAPROCESS0000003')
  })

  const failures: [what: string, profile: string | undefined, expected: RegExp][] = [
    ['without any credentials', undefined, /no AWS credentials.*aws sso login/],
    ['with a profile that does not exist', 'wrok', /profile wrok does not exist or has no credentials/],
    ['with an SSO profile that was never signed in', 'sso', /Run: aws sso login --profile sso/],
  ]
  for (const [what, profile, expected] of failures) {
    test(`${what} says what to run`, async () => {
      await assert.rejects(createCredentialSource({ profile }).get(), { message: expected })
    })
  }

  test('with an SSO session that has expired says what to run', async () => {
    const cache = path.join(folder, '.aws', 'sso', 'cache')
    await mkdir(cache, { recursive: true })
    const file = `${createHash('sha1').update('company').digest('hex')}.json`
    const expiresAt = new Date(Date.now() - 60_000).toISOString()
    await writeFile(path.join(cache, file), JSON.stringify({ accessToken: 'old', expiresAt }))
    await assert.rejects(createCredentialSource({ profile: 'sso' }).get(), {
      message: /has expired\. Run: aws sso login --profile sso/,
    })
  })
})
