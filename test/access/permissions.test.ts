import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { matchesArn } from '../../lambda/access/arn-pattern.ts'
import type { Caller } from '../../lambda/access/caller.ts'
import { mayUse, requirePermission } from '../../lambda/access/permissions.ts'
import { toWhoami } from '../../lambda/access/whoami.ts'
import { matchesWildcard } from '../../lambda/access/wildcard.ts'
import { GatewayError } from '../../lambda/errors.ts'

const SSO_ARN = 'arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Developers_0123/alice@example.com'
const alice: Caller = { id: SSO_ARN, kind: 'iam', account: '111122223333', arn: SSO_ARN }
const pipeline: Caller = { id: 'key:ci', kind: 'key' }
const local: Caller = { id: 'local', kind: 'local' }

describe('an ARN pattern', () => {
  const cases: [pattern: string, arn: string, matches: boolean][] = [
    ['arn:aws:sts::*:assumed-role/AWSReservedSSO_Developers_*/*', SSO_ARN, true],
    [
      'arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Developers_0123/alice@example.com',
      SSO_ARN,
      true,
    ],
    ['arn:aws:sts::111122223333:*', SSO_ARN, true],
    ['arn:*:sts::*:assumed-role/*/alice@example.com', SSO_ARN, true],
    ['arn:aws:sts::999988887777:assumed-role/*/*', SSO_ARN, false],
    ['arn:aws:sts::*:assumed-role/AWSReservedSSO_Admins_*/*', SSO_ARN, false],
    // A session name is the caller's own choice and must not pass for a role.
    ['arn:aws:sts::*:assumed-role/*-admin', 'arn:aws:sts::111122223333:assumed-role/intern/x-admin', false],
    ['arn:aws:sts::*:assumed-role/admin*', 'arn:aws:sts::111122223333:assumed-role/intern/admin', false],
    ['arn:aws:sts::*:assumed-role/admin/*', 'arn:aws:sts::111122223333:assumed-role/intern/admin', false],
    // The role's own ARN stands for everybody who assumed it.
    ['arn:aws:iam::111122223333:role/Deploy', 'arn:aws:sts::111122223333:assumed-role/Deploy/build-7', true],
    [
      'arn:aws:iam::111122223333:role/team/Deploy',
      'arn:aws:sts::111122223333:assumed-role/Deploy/build-7',
      true,
    ],
    ['arn:aws:iam::111122223333:role/Deploy', 'arn:aws:sts::999988887777:assumed-role/Deploy/build-7', false],
    ['arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Developers_*', SSO_ARN, true],
    // A pattern must not lose its path: it would become role/*.
    ['arn:aws:iam::111122223333:role/team/*', 'arn:aws:sts::111122223333:assumed-role/Other/x', false],
    ['arn:aws:iam::111122223333:role/*', 'arn:aws:sts::111122223333:assumed-role/Other/x', true],
    ['arn:aws:iam::111122223333:role/team/*', 'arn:aws:iam::111122223333:role/team/Deploy', true],
    ['arn:aws:iam::111122223333:user/*', 'arn:aws:iam::111122223333:user/path/bob', true],
    ['arn:aws:iam::111122223333:user/bob', 'arn:aws:iam::111122223333:user/bobby', false],
    // Parts are compared one by one: a star never eats a colon.
    ['arn:aws:*', SSO_ARN, false],
    ['arn:aws:sts:*:assumed-role/*/*', SSO_ARN, false],
    ['*', SSO_ARN, false],
    ['', SSO_ARN, false],
  ]
  for (const [pattern, arn, matches] of cases) {
    test(`${JSON.stringify(pattern)} ${matches ? 'matches' : 'does not match'} ${arn}`, () => {
      assert.equal(matchesArn(pattern, arn), matches)
    })
  }
})

test('a wildcard with many stars is fast on a text that almost fits', () => {
  assert.equal(matchesWildcard(`${'a*'.repeat(200)}b`, 'a'.repeat(5000)), false)
  assert.equal(matchesWildcard('a*b*c', 'a-b-b-c'), true)
  assert.equal(matchesWildcard('**', ''), true)
  assert.equal(matchesWildcard('a', ''), false)
})

describe('mayUse', () => {
  test('without rules lets everybody use everything', () => {
    assert.equal(mayUse(alice, 'glm', undefined), true)
  })

  test('with rules that match nobody lets nobody use anything', () => {
    assert.equal(mayUse(alice, 'glm', []), false)
    assert.equal(mayUse(alice, 'glm', [{ match: '999988887777', models: ['*'] }]), false)
  })

  test('adds up the models of all rules that match', () => {
    const rules = [
      { match: '*', models: ['cheap-*'] },
      { match: '111122223333', models: ['glm'] },
      { match: 'arn:aws:sts::*:assumed-role/AWSReservedSSO_Developers_*/*', models: ['kimi'] },
      { match: 'key:ci', models: ['ci-*'] },
    ]
    assert.deepEqual(
      ['cheap-one', 'glm', 'kimi', 'ci-model', 'other'].filter((alias) => mayUse(alice, alias, rules)),
      ['cheap-one', 'glm', 'kimi'],
    )
    assert.deepEqual(
      ['cheap-one', 'glm', 'kimi', 'ci-model'].filter((alias) => mayUse(pipeline, alias, rules)),
      ['cheap-one', 'ci-model'],
    )
    assert.deepEqual(
      ['cheap-one', 'glm'].filter((alias) => mayUse(local, alias, rules)),
      ['cheap-one'],
    )
  })

  test('matches keys by name or pattern and the local user by its name, and neither by ARN or account', () => {
    assert.equal(mayUse(pipeline, 'glm', [{ match: 'key:*', models: ['glm'] }]), true)
    assert.equal(mayUse(pipeline, 'glm', [{ match: 'key:other', models: ['glm'] }]), false)
    assert.equal(mayUse(pipeline, 'glm', [{ match: 'arn:*:*:*:*:*', models: ['glm'] }]), false)
    assert.equal(mayUse(local, 'glm', [{ match: 'local', models: ['glm'] }]), true)
    assert.equal(mayUse(alice, 'glm', [{ match: 'key:*', models: ['glm'] }]), false)
  })
})

test('a denied model is a 403 that says who the caller is, which model, and whom to ask', () => {
  const configuration = { callers: [{ match: '*', models: ['glm'] }], settings: { contact: '#ai-platform' } }
  assert.doesNotThrow(() => requirePermission(alice, 'glm', configuration))
  assert.throws(
    () => requirePermission(alice, 'gpt', configuration),
    (error) => {
      assert.ok(error instanceof GatewayError)
      assert.equal(error.status, 403)
      assert.equal(error.type, 'permission_error')
      for (const part of [SSO_ARN, '"gpt"', '#ai-platform']) assert.ok(error.message.includes(part), part)
      return true
    },
  )
})

test('whoami tells what the gateway knows and nulls for the rest', () => {
  assert.deepEqual(toWhoami(pipeline), {
    type: 'caller',
    id: 'key:ci',
    kind: 'key',
    account: null,
    arn: null,
  })
  assert.equal(toWhoami(alice).account, '111122223333')
})
