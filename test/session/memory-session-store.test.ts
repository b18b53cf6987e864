import { describe, expect, it } from '@jest/globals'
import { memorySessionStore } from '../../lib/session.js'
import { sessionStoreContract } from '../contract/session-store.js'

const LIFETIME = { idleMs: 60_000, absoluteMs: 60_000 }

describe('memorySessionStore', () => {
  sessionStoreContract(async () => {
    let now = 1_700_000_000
    const store = memorySessionStore({ clock: () => now })
    return {
      store,
      later: (ms) => void (now += ms / 1000),
      end: () => store.close(),
    }
  })

  it('refuses a login by 503 while it is full, until sessions have expired', async () => {
    let now = 1_700_000_000
    const store = memorySessionStore({ clock: () => now, maxSessions: 1 })
    await store.create('a', 'r', LIFETIME)
    await expect(store.create('b', 'r', LIFETIME)).rejects.toMatchObject({
      status: 503,
      reason: 'sessions_unavailable',
    })
    now += 61
    await store.create('c', 'r', LIFETIME)
  })

  it('takes each answer to a login, however many others anybody has begun and answered', async () => {
    const store = memorySessionStore({ maxSessions: 2 })
    const taken = ['one', 'two', 'three', 'three', 'two'].map((name) => store.claim(name, 1000))
    expect(await Promise.all(taken)).toEqual([true, true, true, false, false])
  })

  it('answers nothing once it is closed', async () => {
    const store = memorySessionStore()
    await store.close()
    await expect(store.read('a', true)).rejects.toMatchObject({ status: 503 })
  })

  it.each([
    [{ maxSessions: 0 }, /"maxSessions" must be a whole number from 1/],
    [{ max: 1 }, /unknown option "max"/],
    [{ clock: 5 }, /"clock" must be a function/],
  ])('refuses %j when it is made', (options, message) => {
    expect(() => memorySessionStore(options as never)).toThrow(message)
  })
})
