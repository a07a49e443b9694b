import { appendFileSync, readFileSync } from 'node:fs'
import { ALICE } from '../harness/aws-identity.ts'
import { stsToken } from '../harness/sts-token.ts'

/**
 * An `apiKeyHelper`: prints a token as `aws eks get-token` does. Arguments: a file that says by how many milliseconds
 * the gateway's clock is ahead, and a file that gets a line for every call.
 */
const [clock = '', calls = ''] = process.argv.slice(2)
const token = await stsToken(ALICE, { date: new Date(Date.now() + Number(readFileSync(clock, 'utf8'))) })
appendFileSync(calls, `${token}\n`)
console.log(token)
