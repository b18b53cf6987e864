import { createHmac, hkdfSync } from 'node:crypto'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import {
  createSharedFailures,
  type SharedFailures,
} from '../../../lib/http/throttle/shared-failures.js'
import type { AuthEvent } from '../../../lib/index.js'
import { manualTimer, type ManualTimer } from '../../support/manual-timer.js'

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

  it('knows no count where Redis tells none', async () => {
    answer = async () => [3]
    expect(await shared('a')).toBeUndefined()
    expect(events).toMatchObject([{ name: 'ratelimit.degraded', limiter: 'throttle' }])
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
