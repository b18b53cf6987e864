import { beforeEach, describe, expect, it } from '@jest/globals'
import { invalidToken, workDenied } from '../../../lib/core/verdicts/errors.js'
import { createEvents } from '../../../lib/core/events/events.js'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import {
  createThrottle,
  isAttackLike,
  type Throttle,
  type ThrottleOptions,
} from '../../../lib/http/throttle/failure-throttle.js'
import type { Client } from '../../../lib/http/request/request-head.js'
import { AuthError } from '../../../lib/index.js'
import { manualTimer, type ManualTimer } from '../../support/manual-timer.js'

const BAD = invalidToken('bad_signature')
const SECRET = 'a secret of at least 32 bytes, no. 1'

let timer: ManualTimer

beforeEach(() => {
  timer = manualTimer()
})

function create(options: ThrottleOptions = { failuresPerNetwork: 2 }): Throttle {
  return createThrottle(optionCheck('requireBearer'), options, { timer, events: createEvents() })!
}

function from(address: string): Client {
  return { address, gone: false }
}

function unavailable(reason: 'unknown_key' | 'keys_unavailable'): AuthError {
  return new AuthError('temporarily_unavailable', { reason })
}

/** Codes of the answers to so many of this error. */
async function answers(
  throttle: Throttle,
  times: number,
  error: AuthError = BAD,
  ip = '192.0.2.1',
): Promise<readonly string[]> {
  const codes: string[] = []
  for (let count = 0; count < times; count += 1) {
    codes.push((await throttle.answerTo(from(ip), error)).code)
  }
  return codes
}

const BAD_CODE = 'invalid_token'
const OVER = 'too_many_requests'

describe('createThrottle', () => {
  it('is none without options', () => {
    const parts = { timer, events: createEvents() }
    expect(createThrottle(optionCheck('requireBearer'), undefined, parts)).toBeUndefined()
  })

  it('answers with the refusal itself up to the limit, and with 429 beyond (RL-01)', async () => {
    const throttle = create()
    expect(await throttle.answerTo(from('192.0.2.1'), BAD)).toBe(BAD)
    expect(await throttle.answerTo(from('192.0.2.1'), BAD)).toBe(BAD)
    await timer.advance(10_500)
    const over = await throttle.answerTo(from('192.0.2.1'), BAD)
    expect(over).toMatchObject({
      code: OVER,
      reason: 'rate_limited',
      retryAfterSeconds: 50,
      detail: 'More than 2 bad tokens of one network; this one was refused for bad_signature',
    })
  })

  it('lets 20 fail in 60 seconds unless told otherwise', async () => {
    const throttle = create({})
    expect(await answers(throttle, 21)).toEqual([...Array<string>(20).fill(BAD_CODE), OVER])
    await timer.advance(59_999)
    expect(await answers(throttle, 1)).toEqual([OVER])
    await timer.advance(1)
    expect(await answers(throttle, 1)).toEqual([BAD_CODE])
  })

  it('has a window of windowSeconds', async () => {
    const throttle = create({ failuresPerNetwork: 1, windowSeconds: 1.5 })
    expect(await answers(throttle, 2)).toEqual([BAD_CODE, OVER])
    await timer.advance(1499)
    expect(await answers(throttle, 1)).toEqual([OVER])
    await timer.advance(1)
    expect(await answers(throttle, 1)).toEqual([BAD_CODE])
  })

  it('counts each network for itself', async () => {
    const throttle = create()
    await answers(throttle, 3)
    expect(await answers(throttle, 2, BAD, '192.0.2.2')).toEqual([BAD_CODE, BAD_CODE])
    expect(await answers(throttle, 2, BAD, '2001:db8::1')).toEqual([BAD_CODE, BAD_CODE])
    expect(await answers(throttle, 1, BAD, '2001:db8:0:ff::2')).toEqual([OVER])
  })

  it.each([
    ['an expired token', invalidToken('expired')],
    ['no token', new AuthError('no_credential', { reason: 'no_credential' })],
    ['a scope missing', new AuthError('insufficient_scope', { reason: 'scope_missing' })],
    ['an outage', new AuthError('temporarily_unavailable', { reason: 'keys_unavailable' })],
    ['a foreign page', new AuthError('csrf_cross_site', { reason: 'csrf_cross_site' })],
  ])('does not count %s, and leaves its answer alone', async (_name, error) => {
    const throttle = create({ failuresPerNetwork: 1 })
    expect(await throttle.answerTo(from('192.0.2.1'), error)).toBe(error)
    expect(await answers(throttle, 1)).toEqual([BAD_CODE])
    await answers(throttle, 1)
    expect(await throttle.answerTo(from('192.0.2.1'), error)).toBe(error)
  })

  it('counts an unknown key although nobody can tell whether it is one, and no outage', async () => {
    const throttle = create()
    expect(await answers(throttle, 3, unavailable('keys_unavailable'))).not.toContain(
      'too_many_requests',
    )
    expect(await answers(throttle, 3, unavailable('unknown_key'))).toEqual([
      'temporarily_unavailable',
      'temporarily_unavailable',
      'too_many_requests',
    ])
  })

  it('counts a malformed request like a bad token', async () => {
    const error = new AuthError('invalid_request', { reason: 'malformed_authorization' })
    expect(await answers(create(), 3, error)).toEqual(['invalid_request', 'invalid_request', OVER])
  })

  it('throttles a network from its limit on, until the window ends', async () => {
    const throttle = create()
    const throttled = (): boolean => throttle.throttles(from('192.0.2.1'))
    expect(throttled()).toBe(false)
    await answers(throttle, 1)
    expect(throttled()).toBe(false)
    await answers(throttle, 1)
    expect(throttled()).toBe(true)
    expect(throttle.throttles(from('192.0.2.2'))).toBe(false)
    await timer.advance(60_000)
    expect(throttled()).toBe(false)
  })

  it('does not count what was refused as too costly, and says when to come back', async () => {
    const throttle = create({ failuresPerNetwork: 1 })
    const costly = workDenied('a refetch of keys')
    expect(await throttle.answerTo(from('192.0.2.1'), costly)).toBe(costly)
    await answers(throttle, 1)
    await timer.advance(20_000)
    const answer = await throttle.answerTo(from('192.0.2.1'), costly)
    expect(answer).toMatchObject({ code: OVER, reason: 'rate_limited', retryAfterSeconds: 40 })
    expect(answer.detail).toBe(costly.detail)
  })
})

describe('createThrottle, with counts of other processes', () => {
  const calls: string[] = []
  let theirs: unknown

  beforeEach(() => {
    calls.length = 0
    theirs = undefined
  })

  function shared(): Throttle {
    const redis = {
      async call(command: string) {
        calls.push(command)
        return theirs
      },
    }
    return create({ failuresPerNetwork: 2, redis, secret: SECRET })
  }

  it('goes by theirs where that is more, and remembers it', async () => {
    theirs = [3, 30_000]
    const throttle = shared()
    const answer = await throttle.answerTo(from('192.0.2.1'), BAD)
    expect(answer).toMatchObject({ code: OVER, retryAfterSeconds: 30 })
    expect(throttle.throttles(from('192.0.2.1'))).toBe(true)
  })

  it.each([
    ['no more', [1, 30_000]],
    ['no answer', undefined],
  ])('goes by its own where theirs is %s', async (_name, answer) => {
    theirs = answer
    const throttle = shared()
    expect(await answers(throttle, 3)).toEqual([BAD_CODE, BAD_CODE, OVER])
    expect(await throttle.answerTo(from('192.0.2.1'), BAD)).toMatchObject({ retryAfterSeconds: 60 })
  })

  it('asks no more for a network that is over the limit here', async () => {
    theirs = [1, 30_000]
    await answers(shared(), 5)
    expect(calls).toHaveLength(2)
  })
})

describe('isAttackLike', () => {
  it.each([
    [true, 'invalid_token', 'bad_signature'],
    [true, 'invalid_request', 'malformed_authorization'],
    [true, 'invalid_dpop_proof', 'malformed_proof'],
    [true, 'invalid_token', 'unknown_key'],
    [true, 'temporarily_unavailable', 'unknown_key'],
    [false, 'temporarily_unavailable', 'keys_unavailable'],
    [false, 'invalid_token', 'expired'],
    [false, 'invalid_token', 'compromised_key'],
    [false, 'no_credential', 'no_credential'],
    [false, 'insufficient_scope', 'role_missing'],
  ] as const)('is %s of %s by %s', (expected, code, reason) => {
    expect(isAttackLike({ code, reason })).toBe(expected)
  })
})

describe('createThrottle: options', () => {
  it.each<[object, RegExp]>([
    [{ failuresPerNetwork: 0 }, /"throttle\.failuresPerNetwork" must be a whole number/],
    [{ failuresPerNetwork: 1.5 }, /"throttle\.failuresPerNetwork" must be a whole number/],
    [{ failuresPerNetwork: 1_000_001 }, /"throttle\.failuresPerNetwork" must/],
    [{ windowSeconds: 0 }, /"throttle\.windowSeconds" must/],
    [{ windowSeconds: 86_401 }, /"throttle\.windowSeconds" must/],
    [{ failures: 1 }, /Did you mean "throttle.failuresPerNetwork"/],
    [{ redis: {}, secret: SECRET }, /"throttle\.redis" must/],
    [{ redis: { call() {} } }, /"throttle\.secret" must/],
  ])('refuses %j', (options, complaint) => {
    expect(() => create(options)).toThrow(complaint)
  })

  it('takes the limits themselves', () => {
    for (const options of [
      { failuresPerNetwork: 1, windowSeconds: 1 },
      { failuresPerNetwork: 1_000_000, windowSeconds: 86_400 },
    ]) {
      expect(() => create(options)).not.toThrow()
    }
  })
})
