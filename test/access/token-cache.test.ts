import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { TokenCache } from '../../lambda/access/token-cache.ts'

class Bad extends Error {}

function cache(now = () => 0) {
  let verified = 0
  const tokens = new TokenCache<string>({
    now,
    maximumEntries: 3,
    refusalMilliseconds: 60,
    isRefusal: (error): error is Bad => error instanceof Bad,
  })
  return {
    good: (token: string, until: number) =>
      tokens.get(token, async () => {
        verified += 1
        return { value: token.toUpperCase(), until }
      }),
    bad: (token: string, error: Error) =>
      tokens.get(token, async () => {
        verified += 1
        throw error
      }),
    verified: () => verified,
  }
}

describe('the memory of tokens', () => {
  test('keeps an identity as long as it is told, and not a moment longer', async () => {
    let now = 0
    const tokens = cache(() => now)
    assert.equal(await tokens.good('a', 100), 'A')
    now = 99
    await tokens.good('a', 100)
    assert.equal(tokens.verified(), 1)
    now = 100
    await tokens.good('a', 200)
    assert.equal(tokens.verified(), 2)
  })

  test('keeps a refusal for a while, and trouble on the way not at all', async () => {
    let now = 0
    const tokens = cache(() => now)
    await assert.rejects(tokens.bad('a', new Bad()))
    await assert.rejects(tokens.good('a', 100), Bad)
    now = 60
    assert.equal(await tokens.good('a', 100), 'A')
    await assert.rejects(tokens.bad('b', new Error('down')))
    assert.equal(await tokens.good('b', 100), 'B')
  })

  test('forgets the oldest when it is full, so that inventing tokens fills nothing', async () => {
    const tokens = cache()
    await tokens.good('a', 100)
    for (const token of ['b', 'c', 'd']) await assert.rejects(tokens.bad(token, new Bad()))
    assert.equal(tokens.verified(), 4)
    await assert.rejects(tokens.good('d', 100), Bad)
    await tokens.good('a', 100)
    assert.equal(tokens.verified(), 5)
  })
})
