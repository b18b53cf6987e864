import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { AuthEvent } from '../../../lib/core/events/events.js'
import type { RedisRevocationStore, RedisRevocationStoreOptions } from '../../../lib/redis.js'
import { createKeyNames } from '../../../lib/revocation/redis/schema/key-names.js'
import { ENTRIES_PER_SUBJECT } from '../../../lib/revocation/share.js'
import { until } from '../../../tools/until.js'
import { freshToken, nowSeconds, outcome, token, untilState } from '../../support/redis-store.js'
import { redisForAllTests } from '../../support/redis-under-test.js'

const redis = redisForAllTests()
const { stores } = redis
const keys = createKeyNames('revocations', false)
const { issuer } = token()
/** Beats so rare that there is one where the test asks for it, and none else. */
const RARELY = { stalenessBoundMs: 60_000 }

let told: AuthEvent[]
beforeEach(() => {
  told = []
})
afterEach(async () => {
  await stores.close()
  await redis.admin.flushall()
})

type Options = Partial<RedisRevocationStoreOptions>
const observed: Options = { onEvent: (event) => void told.push(event) }

async function replicated(options: Options = {}): Promise<RedisRevocationStore> {
  const store = await redis.readyStore({ mode: 'replicated', ...options })
  await untilState(store, 'ready')
  return store
}

/** Data are gone, and a revocation is the first to meet that. */
async function loseAll(store: RedisRevocationStore): Promise<void> {
  await redis.admin.flushall()
  await expect(store.revokeToken(token({ tokenId: 'lost' }))).rejects.toThrow(/not stored/)
}

function failing(): never {
  throw new Error('no\r\nway')
}

describe('the status of a store', () => {
  it('is that of its connection and of its data', async () => {
    const store = stores.open({ redis: redis.url })
    expect(store.status()).toEqual({ ready: false, state: 'down', detail: 'not connected yet' })
    await store.ready()
    expect(store.status()).toEqual({ ready: true, state: 'ready', detail: undefined })
    await store.close()
    expect(store.status()).toEqual({ ready: false, state: 'closed', detail: 'it was closed' })
  })

  it('is that of its copy too, where it has one', async () => {
    const store = stores.open({ redis: redis.url, mode: 'replicated' })
    expect(store.status()).toEqual({ ready: false, state: 'down', detail: 'not connected yet' })
    await untilState(store, 'ready')
    expect(store.status()).toEqual({ ready: true, state: 'ready', detail: '0 entries' })
    await store.revokeToken(token())
    expect(store.status().detail).toBe('1 entries')
    await store.close()
    expect(store.status()).toEqual({ ready: false, state: 'closed', detail: 'it was closed' })
  })

  it('is told as an event where it changes, with its reason where it has one', async () => {
    const store = stores.open({ redis: redis.url, name: 'mine', ...observed })
    await store.ready()
    await store.close()
    const event = { name: 'revocation.state', store: 'mine' }
    expect(told).toEqual([
      { ...event, state: 'verifying', detail: 'connected, but nothing is proven yet' },
      { ...event, state: 'ready' },
      { ...event, state: 'closed', detail: 'it was closed' },
    ])
  })

  it('is told in one line, whatever the reason holds', async () => {
    await expect(stores.ready({ redis: failing, ...observed })).rejects.toThrow(/factory/)
    const [refused] = told
    expect(refused).toMatchObject({ state: 'refused', detail: expect.stringMatching(/^[ -~]+$/) })
  })
})

describe('a check', () => {
  it('knows the mark that was stored in the place of a session, and not the session', async () => {
    const store = await replicated()
    await redis.admin.set(keys.counter('session', issuer, 'user-1'), ENTRIES_PER_SUBJECT)
    const session = { issuer, sessionId: 'session-1', subject: 'user-1' }
    const { notBefore = 0 } = await store.revokeSession(session)
    expect(store.check(token())).toEqual({ revoked: true, by: 'subject' })
    expect(store.check(token({ issuedAt: notBefore + 1 }))).toEqual({ revoked: false })
  })

  it('is not answered by a copy of data that were lost, however fresh it was', async () => {
    const store = await replicated({ ...RARELY, onDataLoss: 'refuse' })
    expect(await outcome(store)).toBe('accepted')
    await loseAll(store)
    expect(store.status()).toMatchObject({ ready: false, state: 'lost' })
    expect(await outcome(store)).toBe('unavailable')
    await store.acceptDataLoss()
    expect(await outcome(store)).toBe('floor')
    expect(await outcome(store, freshToken())).toBe('accepted')
  })

  it('is not answered by a copy once the store is closed', async () => {
    const store = await replicated(RARELY)
    await store.close()
    expect(await outcome(store)).toBe('unavailable')
  })
})

describe('a revocation that is not needed', () => {
  it('has the number of the last one, or 0 where none is known', async () => {
    const expired = token({ tokenId: 'expired', expiresAt: nowSeconds() - 3600 })
    const store = stores.open({ redis: redis.url })
    expect(await store.revokeToken(expired)).toEqual({ sequence: 0 })
    await store.revokeToken(token())
    expect(await store.revokeToken(expired)).toEqual({ sequence: 1 })
  })
})

describe('whoever watches', () => {
  it('is told of revocations by a store that has a copy, until the watch ends', async () => {
    const store = await replicated(RARELY)
    let count = 0
    const end = store.watch!(() => void (count += 1))
    await store.revokeToken(token())
    expect(count).toBeGreaterThan(0)
    end()
    const before = count
    await store.revokeToken(token({ tokenId: 'token-2' }))
    expect(count).toBe(before)
  })

  it('is not taken by a store that would have to ask', async () => {
    expect(await redis.readyStore()).not.toHaveProperty('watch')
  })
})

async function connections(): Promise<number> {
  const list = String(await redis.admin.client('LIST'))
  return list.trim().split('\n').length
}

describe('a store that is closed', () => {
  it.each([
    ['strict', 2],
    ['replicated', 3],
  ] as const)('leaves no connection behind: %s', async (mode, count) => {
    const before = await connections()
    const store = await redis.readyStore({ mode })
    await until(async () => expect(await connections()).toBe(before + count))
    await store.close()
    await until(async () => expect(await connections()).toBe(before))
  })
})
