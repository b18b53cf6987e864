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
})
