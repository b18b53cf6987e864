import { createHmac, hkdfSync } from 'node:crypto'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import {
  createSharedFailures,
  type SharedFailures,
} from '../../../lib/http/throttle/shared-failures.js'
import type { AuthEvent } from '../../../lib/index.js'
import { manualTimer, settle, type ManualTimer } from '../../support/manual-timer.js'

const SECRET = 'a secret of at least 32 bytes, no. 1'
const check = optionCheck('requireBearer')
const emit = (event: AuthEvent): void => void events.push(event)

let timer: ManualTimer
let events: AuthEvent[]
let calls: string[][]
/** What Redis answers to a call, in place of a server that can be ordered no such faults. */
let answer: () => Promise<unknown>
let shared: SharedFailures

beforeEach(() => {
  timer = manualTimer()
  events = []
  calls = []
  answer = async () => [3, 500]
  shared = create()
})

function create(secret: string = SECRET): SharedFailures {
  const redis = {
    call(...args: string[]) {
      calls.push(args)
      return answer()
    },
  }
  const parts = { redis, timer, windowMs: 60_000, events: { active: true, emit } }
  return createSharedFailures(check, { ...parts, secret })
}

describe('createSharedFailures', () => {
  it('counts by one script, under a name that tells no address', async () => {
    expect(await shared('192.0.2.1')).toEqual({ count: 3, resetAt: timer.now() + 500 })
    const [[command, script, keys, key, windowMs] = []] = calls
    expect([command, keys, windowMs]).toEqual(['EVAL', '1', '60000'])
    expect(script).toContain("redis.call('INCR', KEYS[1])")
    expect(key).toMatch(/^throttle:[\w-]{43}$/)
    expect(timer.pending()).toBe(0)
  })

  it('names a network by the secret: the same for all processes, another for each', async () => {
    await shared('192.0.2.1')
    await create()('192.0.2.1')
    await shared('192.0.2.2')
    await create(SECRET.replace('1', '2'))('192.0.2.1')
    const [one, same, neighbour, stranger] = calls.map((args) => args[3])
    expect(same).toBe(one)
    expect(new Set([one, neighbour, stranger]).size).toBe(3)
  })

  it('keeps the names of earlier versions: processes of both count together', async () => {
    const key = Buffer.from(hkdfSync('sha256', SECRET, '', 'throttle/v1', 32))
    const digest = createHmac('sha256', key).update('192.0.2.1').digest('base64url')
    await shared('192.0.2.1')
    expect(calls[0]![3]).toBe(`throttle:${digest}`)
  })

  it.each([
    ['words', 'OK'],
    ['nothing', null],
    ['an empty list', []],
    ['a count alone', [3]],
    ['no numbers', ['a', 'b']],
    ['a count of none', [0, 500]],
    ['a count below none', [-1, 500]],
    ['a time that is over', [3, -1]],
    ['a time that is no number', [3, Number.NaN]],
  ])('does not take %s for a count', async (_name, nonsense) => {
    answer = async () => nonsense
    expect(await shared('a')).toBeUndefined()
    expect(events).toEqual([
      {
        name: 'ratelimit.degraded',
        limiter: 'throttle',
        detail: 'Redis did not answer with a count',
      },
    ])
  })

  it.each([
    ['numbers as text, which some clients give', ['3', '0'], { count: 3, left: 0 }],
    ['more than it asked for', [1, 2, 3], { count: 1, left: 2 }],
  ])('takes %s for a count', async (_name, given, { count, left }) => {
    answer = async () => given
    expect(await shared('a')).toEqual({ count, resetAt: timer.now() + left })
  })

  it('waits 100 ms for an answer, and no longer', async () => {
    answer = () => new Promise(() => undefined)
    let counted: unknown = 'nothing yet'
    void shared('a').then((failures) => (counted = failures))
    await timer.advance(99)
    await settle()
    expect(counted).toBe('nothing yet')
    await timer.advance(1)
    await settle()
    expect(counted).toBeUndefined()
    expect(events).toHaveLength(1)
  })
})

describe('createSharedFailures: a Redis that fails', () => {
  beforeEach(async () => {
    answer = async () => Promise.reject(new Error('gone'))
    await shared('a')
  })

  it('is left alone for a second, and then asked once', async () => {
    expect(await shared('a')).toBeUndefined()
    await timer.advance(999)
    expect(await shared('a')).toBeUndefined()
    expect(calls).toHaveLength(1)
    await timer.advance(1)
    answer = () => new Promise(() => undefined)
    const probe = shared('a')
    expect(await shared('a')).toBeUndefined()
    expect(calls).toHaveLength(2)
    await timer.advance(100)
    expect(await probe).toBeUndefined()
    await timer.advance(999)
    await shared('a')
    expect(calls).toHaveLength(2)
    await timer.advance(1)
    void shared('a')
    expect(calls).toHaveLength(3)
  })

  it('is reported once, and once more when it is back', async () => {
    const failed = { name: 'ratelimit.degraded', limiter: 'throttle', detail: 'gone' }
    await timer.advance(1000)
    await shared('a')
    expect(events).toEqual([failed])
    await timer.advance(1000)
    answer = async () => [1, 500]
    expect(await shared('a')).toMatchObject({ count: 1 })
    expect(await shared('a')).toMatchObject({ count: 1 })
    expect(events).toEqual([failed, { name: 'ratelimit.recovered', limiter: 'throttle' }])
  })

  it('puts no line of its own into a log', async () => {
    events.length = 0
    answer = async () => Promise.reject(new Error(`gone\nroot logged in${'.'.repeat(1000)}`))
    await create()('a')
    expect(events).toMatchObject([{ detail: expect.stringMatching(/^gone\?root[ -~]{0,400}$/) }])
  })

  it('may throw at once as well', async () => {
    await timer.advance(1000)
    answer = () => {
      throw new Error('closed')
    }
    expect(await shared('a')).toBeUndefined()
  })
})

describe('createSharedFailures: options', () => {
  const parts = { windowMs: 1, events: { active: false, emit() {} } }

  it.each([{}, { call: 'x' }, { eval() {} }])('refuses %j for a client', (redis) => {
    const options = { ...parts, timer, redis: redis as never, secret: SECRET }
    expect(() => createSharedFailures(check, options)).toThrow(/"throttle\.redis" must/)
  })

  it.each([
    [undefined, /"throttle\.secret" must be given with "throttle\.redis"/],
    ['short', /"throttle\.secret" must hold/],
  ])('refuses %j for a secret', (secret, complaint) => {
    const redis = { call: async () => [1, 1] }
    const options = { ...parts, timer, redis, secret }
    expect(() => createSharedFailures(check, options)).toThrow(complaint)
  })
})
