import { beforeEach, describe, expect, it } from '@jest/globals'
import { createSharedAttempts, type SharedAttempts } from '../../lib/browser/shared-attempts.js'
import { createSharedScript } from '../../lib/http/throttle/shared-script.js'
import type { AuthEvent } from '../../lib/index.js'
import { manualTimer, settle, type ManualTimer } from '../support/manual-timer.js'

let timer: ManualTimer
let events: AuthEvent[]
let calls: string[][]
/** What Redis answers to a call, in place of a server that can be ordered no such faults. */
let answer: () => Promise<unknown>
let attempts: SharedAttempts

beforeEach(() => {
  timer = manualTimer()
  events = []
  calls = []
  const redis = {
    call(...args: string[]) {
      calls.push(args)
      return answer()
    },
  }
  const emit = (event: AuthEvent): void => void events.push(event)
  const ask = createSharedScript({
    redis,
    limiter: 'login',
    timer,
    events: { emit },
  })
  attempts = createSharedAttempts(ask, { limit: 5, windowMs: 60_000, prefix: 'p:' })
})

describe('a place that is taken in Redis', () => {
  it('is named, and ended by its name', async () => {
    answer = async () => [3, 2, 500, 'a place']
    expect(await attempts.begin('key')).toEqual({
      taken: 3,
      failed: 2,
      resetAfterMs: 500,
      place: 'a place',
    })
    await attempts.end('key', 'a place', true)
    expect(calls[1]?.slice(2)).toEqual(['1', 'p:key', 'a place', '1'])
  })

  it('is none where all are taken', async () => {
    answer = async () => [5, 2, 500]
    expect(await attempts.begin('key')).toMatchObject({ failed: 2, place: undefined })
  })

  it('is given back where the answer came too late, and nobody else would', async () => {
    const late: ((answer: unknown) => void)[] = []
    answer = () => new Promise((resolve) => void late.push(resolve))
    const begun = attempts.begin('key')
    await timer.advance(100)
    expect(await begun).toBeUndefined()
    late[0]?.([1, 0, 500, 'a place'])
    await settle()
    expect(calls[1]?.slice(2)).toEqual(['1', 'p:key', 'a place', '0'])
  })

  it('is given back once Redis answers again, where it was silent when the attempt ended', async () => {
    answer = async () => [1, 0, 500, 'a place']
    await attempts.begin('key')
    answer = () => Promise.reject(new Error('down'))
    await attempts.end('key', 'a place', false)
    await attempts.end('other', 'a place', true)
    await timer.advance(1000)
    answer = async () => [1, 0, 500, 'a place']
    await attempts.begin('key')
    await settle()
    const told = calls.slice(-2).map((call) => call.slice(2))
    expect(told).toEqual([
      ['1', 'p:key', 'a place', '0'],
      ['1', 'p:other', 'a place', '1'],
    ])
    await attempts.begin('key')
    await settle()
    expect(calls.at(-1)?.[3]).toBe('p:key')
    expect(calls).toHaveLength(6)
  })

  it('has no name where Redis gives none', async () => {
    answer = async () => [1, 0, 500, 7]
    expect((await attempts.begin('key'))?.place).toBeUndefined()
  })

  it('is told of no further while Redis is silent, and of ten thousand at most', async () => {
    answer = () => Promise.reject(new Error('down'))
    for (let n = 0; n <= 10_000; n += 1) await attempts.end(`${n}`, 'a place', false)
    await attempts.begin('key')
    const asked = calls.length
    await timer.advance(1000)
    answer = async () => [1, 0, 500, 'a place']
    await attempts.begin('key')
    await settle()
    expect(calls).toHaveLength(asked + 1 + 10_000)
  })

  it.each([
    ['words', 'OK'],
    ['nothing', null],
    ['an empty list', []],
    ['a count of none', [0, 0, 500, 'w']],
    ['a time that is over', [1, 0, -1, 'w']],
    ['no numbers', ['a', 'b', 'c', 'w']],
  ])('is not had for %s', async (_name, nonsense) => {
    answer = async () => nonsense
    expect(await attempts.begin('key')).toBeUndefined()
    expect(events).toMatchObject([{ name: 'ratelimit.degraded', limiter: 'login' }])
  })
})
