import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { GatewayError, UpstreamError } from '../../lambda/errors.ts'
import type { Target } from '../../lambda/map/target.ts'
import { AnsweredError } from '../../lambda/upstream/answered-error.ts'
import { type AttemptsOptions, firstAnswer } from '../../lambda/upstream/attempts.ts'
import type { OpenedAnswer } from '../../lambda/upstream/exchange.ts'
import { TargetHealth } from '../../lambda/upstream/target-health.ts'
import { recordedLog } from '../harness/recorded-log.ts'
import { makeTarget } from './attempt.ts'

function passing(kind: 'upstream' | 'rate_limit' | 'overloaded' = 'upstream', retryAfterSeconds?: number) {
  return new UpstreamError(kind, 'not now', {
    provider: 'p',
    retryable: true,
    curable: true,
    retryAfterSeconds,
  })
}

function lasting(curable: boolean) {
  return new UpstreamError('invalid_request', 'no', { provider: 'p', retryable: false, curable })
}

function opened(target: Target): OpenedAnswer {
  return { kind: 'events', target, events: (async function* () {})() }
}

/** A world whose clock only moves when somebody sleeps, or when a try takes its time. */
function createWorld(changes: Partial<AttemptsOptions> = {}) {
  let now = 1000
  const sleeps: number[] = []
  const tried: Target[] = []
  const log = recordedLog()
  const options: AttemptsOptions = {
    signal: new AbortController().signal,
    log,
    health: new TargetHealth(() => now),
    now: () => now,
    random: () => 0,
    sleep: async (milliseconds) => {
      sleeps.push(milliseconds)
      now += milliseconds
    },
    ...changes,
  }
  return {
    sleeps,
    tried,
    log,
    options,
    pass: (milliseconds: number) => {
      now += milliseconds
    },
    /** Each try takes the next of the outcomes; the last one stays. */
    attempt: (outcomes: (unknown | 'ok')[], took = 0) => {
      let at = 0
      return async (target: Target): Promise<OpenedAnswer> => {
        tried.push(target)
        now += took
        const outcome = outcomes[Math.min(at++, outcomes.length - 1)]
        if (outcome === 'ok') return opened(target)
        throw outcome
      }
    },
  }
}

const ONE = makeTarget({ provider: 'one' })
const TWO = makeTarget({ provider: 'two' })

describe('retries', () => {
  test('come after growing pauses, as often as the target says', async () => {
    const world = createWorld()
    const target = makeTarget({ retries: { maxRetries: 6, maxSeconds: 60 } })
    await assert.rejects(firstAnswer([target], world.attempt([passing()]), world.options), {
      message: 'not now',
    })
    assert.deepEqual(world.sleeps, [500, 1000, 2000, 4000, 8000, 8000])
    assert.equal(world.tried.length, 7)
    assert.deepEqual(
      world.log.lines.map(({ fields }) => fields['next']),
      [...Array(6).fill('retry'), 'give up'],
    )
  })

  test('spread by up to a quarter', async () => {
    const world = createWorld({ random: () => 0.999 })
    await firstAnswer([ONE], world.attempt([passing(), 'ok']), world.options)
    assert.ok(world.sleeps[0] !== undefined && world.sleeps[0] > 600 && world.sleeps[0] < 625)
  })

  test('wait as long as the provider asks, where there is time for it', async () => {
    const world = createWorld()
    await firstAnswer([ONE], world.attempt([passing('rate_limit', 20), 'ok']), world.options)
    assert.deepEqual(world.sleeps, [20_000])
  })

  test('do not start after the time that the target gives, and the error keeps retry-after for the client', async () => {
    const world = createWorld()
    await assert.rejects(
      firstAnswer([ONE], world.attempt([passing('rate_limit', 60)], 1000), world.options),
      {
        retryAfterSeconds: 60,
      },
    )
    assert.deepEqual(world.sleeps, [])
  })

  test('do not start when the carrier is about to stop us', async () => {
    const world = createWorld({ remainingMilliseconds: () => 1400 })
    await assert.rejects(firstAnswer([ONE], world.attempt([passing()]), world.options))
    assert.equal(world.tried.length, 1)
  })

  test("are not for the caller's own mistakes, nor for our own defects", async () => {
    for (const error of [
      lasting(false),
      lasting(true),
      new GatewayError('invalid_request', 'no'),
      new TypeError('bug'),
    ]) {
      const world = createWorld()
      await assert.rejects(firstAnswer([ONE], world.attempt([error]), world.options), error)
      assert.equal(world.tried.length, 1)
    }
  })

  test('none are made once an answer was opened', async () => {
    const world = createWorld()
    const answer = await firstAnswer([ONE], world.attempt(['ok']), world.options)
    assert.equal(answer.target, ONE)
    assert.equal(world.tried.length, 1)
  })
})

describe('fallbacks', () => {
  test('take over after the retries, and the answer says who served', async () => {
    const world = createWorld()
    const answer = await firstAnswer(
      [ONE, TWO],
      world.attempt([passing(), passing(), passing(), 'ok']),
      world.options,
    )
    assert.equal(answer.target, TWO)
    assert.deepEqual(world.tried, [ONE, ONE, ONE, TWO])
  })

  test('take over at once when the provider asks for a long wait', async () => {
    const world = createWorld()
    await firstAnswer([ONE, TWO], world.attempt([passing('rate_limit', 30), 'ok']), world.options)
    assert.deepEqual(world.tried, [ONE, TWO])
    assert.deepEqual(world.sleeps, [])
  })

  test('take over what another provider can cure, a missing key too', async () => {
    for (const error of [lasting(true), new GatewayError('misconfigured', 'no key')]) {
      const world = createWorld()
      assert.equal((await firstAnswer([ONE, TWO], world.attempt([error, 'ok']), world.options)).target, TWO)
    }
  })

  test("are not asked about the caller's own mistakes", async () => {
    const world = createWorld()
    await assert.rejects(firstAnswer([ONE, TWO], world.attempt([lasting(false), 'ok']), world.options))
    assert.deepEqual(world.tried, [ONE])
  })

  test('that fail leave the error that tells the client to come back', async () => {
    const world = createWorld()
    const outcomes = [passing('rate_limit', 50), new GatewayError('misconfigured', 'no key')]
    await assert.rejects(firstAnswer([ONE, TWO], world.attempt(outcomes), world.options), {
      kind: 'rate_limit',
    })
  })

  test("have only what is left of the caller's patience for their first byte", async () => {
    const world = createWorld()
    const noRetries = { maxRetries: 0, maxSeconds: 60 }
    const [one, two] = [
      { ...ONE, retries: noRetries },
      { ...TWO, retries: noRetries },
    ]
    await assert.rejects(firstAnswer([one, two, two], world.attempt([passing()], 240_000), world.options))
    assert.deepEqual(
      world.tried.map(({ timeouts }) => timeouts.firstByteSeconds),
      [240, 40],
    )
  })
})

test("a passthrough provider's own error goes out as it came when nothing better comes", async () => {
  const world = createWorld()
  const own = {
    kind: 'bytes',
    target: ONE,
    status: 529,
    headers: {},
    body: (async function* () {})(),
    seen: () => ({}),
  } as const
  const answer = await firstAnswer(
    [ONE],
    world.attempt([new AnsweredError(passing('overloaded'), own)]),
    world.options,
  )
  assert.equal(answer, own)
  assert.equal(world.tried.length, 3)
})

describe('a caller that leaves', () => {
  test('ends a pause at once, with the reason', async () => {
    const leaving = new AbortController()
    const reason = new Error('left')
    const world = createWorld({ signal: leaving.signal, sleep: undefined })
    const answer = firstAnswer([ONE], world.attempt([passing('rate_limit', 50)]), world.options)
    setImmediate(() => leaving.abort(reason))
    await assert.rejects(answer, reason)
    assert.equal(world.tried.length, 1)
  })

  test('is no reason to think badly of the target', async () => {
    const leaving = new AbortController()
    const world = createWorld({ signal: leaving.signal })
    const attempt = async () => {
      leaving.abort(new Error('left'))
      throw passing()
    }
    for (let round = 0; round < 5; round += 1)
      await assert.rejects(firstAnswer([ONE, TWO], attempt, world.options))
    assert.equal(world.options.health?.rests(ONE), false)
  })
})

describe('a target that keeps failing', () => {
  const quick = { maxRetries: 0, maxSeconds: 60 }
  const one = { ...ONE, retries: quick }
  const two = { ...TWO, retries: quick }

  async function failThreeTimes() {
    const world = createWorld()
    for (let round = 0; round < 3; round += 1) {
      await firstAnswer([one, two], world.attempt([passing(), 'ok']), world.options)
    }
    world.tried.length = 0
    return world
  }

  test('is passed by for a while', async () => {
    const world = await failThreeTimes()
    await firstAnswer([one, two], world.attempt(['ok']), world.options)
    assert.deepEqual(world.tried, [two])
    assert.ok(world.log.lines.some(({ message }) => message.startsWith('target passed by')))
  })

  test('is probed by one turn afterwards; its success lets all come back', async () => {
    const world = await failThreeTimes()
    world.pass(15_000)
    const probing = Promise.withResolvers<void>()
    const probe = firstAnswer(
      [one, two],
      async (target) => {
        await probing.promise
        return opened(target)
      },
      world.options,
    )
    await firstAnswer([one, two], world.attempt(['ok']), world.options)
    assert.deepEqual(world.tried, [two], 'others still pass by')
    probing.resolve()
    assert.equal((await probe).target, one)
    await firstAnswer([one, two], world.attempt(['ok']), world.options)
    assert.deepEqual(world.tried, [two, one])
  })

  test('rests longer after each failed probe', async () => {
    const world = await failThreeTimes()
    world.pass(15_000)
    await firstAnswer([one, two], world.attempt([passing(), 'ok']), world.options)
    world.pass(29_000)
    assert.equal(world.options.health?.rests(one), true)
    world.pass(1_000)
    assert.equal(world.options.health?.rests(one), false)
  })

  test('is asked all the same when there is no other', async () => {
    const world = await failThreeTimes()
    assert.equal((await firstAnswer([one], world.attempt(['ok']), world.options)).target, one)
  })

  test('is asked all the same when the others rest, too', async () => {
    const world = await failThreeTimes()
    for (let round = 0; round < 3; round += 1) world.options.health?.failed(two)
    assert.equal((await firstAnswer([one, two], world.attempt(['ok']), world.options)).target, one)
  })

  test('rests at least as long as it asked for', () => {
    let now = 0
    const health = new TargetHealth(() => now)
    for (let round = 0; round < 3; round += 1) health.failed(ONE, 60)
    now = 59_000
    assert.equal(health.rests(ONE), true)
    now = 60_000
    assert.equal(health.rests(ONE), false)
  })

  test('is remembered for a bounded number of targets', () => {
    const health = new TargetHealth(() => 0)
    for (let round = 0; round < 3; round += 1) health.failed(ONE)
    for (let index = 0; index < 500; index += 1) health.failed(makeTarget({ model: `m${index}` }))
    assert.equal(health.rests(ONE), false)
  })
})
