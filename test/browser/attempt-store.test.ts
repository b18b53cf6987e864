import { beforeEach, describe, expect, it } from '@jest/globals'
import { AttemptStore, type AttemptStoreOptions } from '../../lib/browser/attempt-store.js'
import { MAX_WAIT_MS } from '../../lib/browser/waiting-line.js'
import { manualTimer, settle, type ManualTimer } from '../support/manual-timer.js'

const events = { active: false, emit() {} }
let timer: ManualTimer

beforeEach(() => {
  timer = manualTimer()
})

function create(options: Partial<AttemptStoreOptions> = {}): AttemptStore {
  const fixed = { limiter: 'login', limit: 2, windowMs: 60_000, redis: undefined, events, timer }
  return new AttemptStore({ ...fixed, ...options })
}

async function fail(store: AttemptStore): Promise<void> {
  await store.increment('a')
  store.claim('a')?.end(true)
}

const secondsLeft = (resetTime: Date | undefined): number =>
  Math.round((resetTime!.getTime() - Date.now()) / 1000)

describe('a store of attempts', () => {
  it('tells who has waited in vain to come back in a second', async () => {
    const store = create()
    await Promise.all([store.increment('a'), store.increment('a')])
    const waiting = store.increment('a')
    await timer.advance(MAX_WAIT_MS)
    const { totalHits, resetTime } = await waiting
    expect(totalHits).toBe(3)
    expect(secondsLeft(resetTime)).toBe(1)
  })

  it('tells who finds failures only to come back when the window ends, at once', async () => {
    const store = create()
    await fail(store)
    await timer.advance(10_000)
    await fail(store)
    const { totalHits, resetTime } = await store.increment('a')
    expect(totalHits).toBe(3)
    expect(secondsLeft(resetTime)).toBe(50)
    expect(store.claim('a')).toBeUndefined()
    await timer.advance(50_000)
    expect((await store.increment('a')).totalHits).toBe(1)
  })

  it('lets who waits begin when an attempt ends well', async () => {
    const store = create({ limit: 1 })
    await store.increment('a')
    const waiting = store.increment('a')
    await settle()
    store.claim('a')?.end(false)
    expect((await waiting).totalHits).toBe(1)
    expect(timer.pending()).toBe(0)
  })

  it('asks Redis no more for a key whose failures there fill its limit', async () => {
    let calls = 0
    const call = async (): Promise<number[]> => {
      calls += 1
      return [2, 2, 30_000]
    }
    const store = create({ redis: { call } })
    for (let count = 0; count < 5; count += 1) {
      const { totalHits, resetTime } = await store.increment('a')
      expect(totalHits).toBe(3)
      expect(secondsLeft(resetTime)).toBe(30)
    }
    expect(calls).toBe(1)
  })

  it('goes by its own count while Redis fails', async () => {
    const store = create({ redis: { call: () => Promise.reject(new Error('gone')) } })
    await fail(store)
    await fail(store)
    expect((await store.increment('a')).totalHits).toBe(3)
  })

  it('names its keys in Redis by the limiter, and shares them with other processes', () => {
    expect(create()).toMatchObject({ prefix: 'ratelimit:login:', localKeys: false })
  })

  it('hands each place out once', async () => {
    const store = create()
    await Promise.all([store.increment('a'), store.increment('a')])
    const [first, second] = [store.claim('a'), store.claim('a')]
    expect([first, second]).not.toContain(undefined)
    expect(first).not.toBe(second)
    expect(store.claim('a')).toBeUndefined()
    expect(store.claim('b')).toBeUndefined()
  })

  it('gives nothing back for what express-rate-limit thinks of an answer', async () => {
    const store = create({ limit: 1 })
    await fail(store)
    store.decrement()
    store.resetKey()
    expect((await store.increment('a')).totalHits).toBe(2)
  })
})

describe('a store of attempts over Redis', () => {
  /** What Redis answers to an attempt that begins. */
  let standing: unknown[]
  let calls: string[][]
  const redis = {
    async call(...args: string[]) {
      calls.push(args)
      return args.length === 7 ? standing : 1
    },
  }
  const ended = (): unknown =>
    calls.filter((args) => args.length === 6).map((args) => args.slice(3))

  beforeEach(() => {
    calls = []
  })

  it('takes a place there, tells how all stand, and gives the place back by its name', async () => {
    standing = [2, 1, 20_000, 'p1']
    const store = create({ redis })
    const { totalHits, resetTime } = await store.increment('a')
    expect([totalHits, secondsLeft(resetTime)]).toEqual([2, 20])
    store.claim('a')?.end(true)
    await settle()
    expect(ended()).toEqual([['ratelimit:login:a', 'p1', '1']])
  })

  it('asks again while all places are taken there and some may yet succeed', async () => {
    standing = [2, 1, 20_000]
    const store = create({ redis })
    const waiting = store.increment('a')
    await timer.advance(300)
    expect(calls).toHaveLength(5)
    standing = [2, 1, 20_000, 'p1']
    await timer.advance(100)
    expect((await waiting).totalHits).toBe(2)
    expect(store.claim('a')).toBeDefined()
  })

  it('lets who waits begin once Redis knows of the end of another', async () => {
    standing = [1, 0, 20_000, 'p1']
    const store = create({ redis, limit: 1 })
    await store.increment('a')
    const waiting = store.increment('a')
    await settle()
    store.claim('a')?.end(false)
    await settle()
    expect((await waiting).totalHits).toBe(1)
    expect(ended()).toEqual([['ratelimit:login:a', 'p1', '0']])
    expect(timer.pending()).toBe(0)
  })

  it('goes by the failures there until their window ends, and not longer', async () => {
    standing = [2, 2, 30_000]
    const store = create({ redis })
    expect((await store.increment('a')).totalHits).toBe(3)
    standing = [1, 0, 60_000, 'p1']
    await timer.advance(29_999)
    expect(secondsLeft((await store.increment('a')).resetTime)).toBe(0)
    await timer.advance(1)
    expect((await store.increment('a')).totalHits).toBe(1)
    expect(store.claim('a')).toBeDefined()
  })
})
