import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { ReplayUnavailable, type ReplayStore } from '../../lib/index.js'
import { createRedisReplayStore } from '../../lib/replay/redis-store.js'
import { startRedis, type RedisServer } from '../../tools/redis-server.js'

let server: RedisServer
let admin: Redis
let now = 1_000_000
let claimed = 0
const open: ReplayStore[] = []

beforeAll(async () => {
  server = await startRedis()
  admin = new Redis(server.url)
})

afterAll(async () => {
  admin.disconnect()
  await server.stop()
})

afterEach(async () => {
  for (const store of open.splice(0)) void store.close?.()
  await evicting('noeviction')
})

function opened(): ReplayStore {
  const made = createRedisReplayStore({ redis: server.url }, { now: () => now })
  open.push(made)
  return made
}

/** Its policy, while its memory is bounded. */
async function evicting(policy: string, maxmemory = '1gb'): Promise<void> {
  await admin.config('SET', 'maxmemory', maxmemory)
  await admin.config('SET', 'maxmemory-policy', policy)
}

function claim(store: ReplayStore, ttlMs = 60_000): boolean | Promise<boolean> {
  claimed += 1
  return store.claim({ thumbprint: `key-${claimed}`, proofId: 'p'.repeat(43), ttlMs })
}

async function detailOf(claiming: boolean | Promise<boolean>): Promise<string> {
  const error: unknown = await Promise.resolve(claiming).catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(ReplayUnavailable)
  return String(error)
}

describe('a Redis that evicts', () => {
  it.each(['allkeys-lru', 'allkeys-random', 'volatile-ttl'])(
    'is not believed under %s, and the message has the fix',
    async (policy) => {
      await evicting(policy)
      const store = opened()
      expect(await detailOf(claim(store))).toContain(
        `Redis may evict used proofs, because maxmemory-policy is ${policy}. Set it to noeviction, or maxmemory to 0`,
      )
    },
  )

  it('is believed where its memory has no bound', async () => {
    await evicting('allkeys-lru', '0')
    expect(await claim(opened())).toBe(true)
  })

  it('is noticed within a second, whatever it was set to before', async () => {
    const store = opened()
    expect(await claim(store)).toBe(true)
    await evicting('allkeys-lru')
    now += 1000
    await detailOf(claim(store))
  })

  it('is noticed at once on another connection, which may lead to another server', async () => {
    const store = opened()
    expect(await claim(store)).toBe(true)
    await evicting('allkeys-lru')
    await admin.call('client', 'kill', 'type', 'normal', 'skipme', 'yes')
    let detail = ''
    while (!detail.includes('Redis may evict')) {
      detail = await detailOf(claim(store))
      await nextTurn()
    }
    expect(detail).toContain('maxmemory-policy is allkeys-lru')
  })

  it('is noticed by all claims of one moment', async () => {
    await evicting('allkeys-lru')
    const store = opened()
    const details = await Promise.all([1, 2, 3].map(async () => detailOf(claim(store))))
    expect(details.filter((detail) => detail.includes('Redis may evict'))).toHaveLength(3)
  })

  it('is believed again as soon as it is set right', async () => {
    await evicting('allkeys-lru')
    const store = opened()
    await detailOf(claim(store))
    await evicting('noeviction')
    expect(await claim(store)).toBe(true)
  })

  it('is doubted, after it did evict, until the last proof that it may have lost has ended', async () => {
    const store = opened()
    expect(await claim(store, 90_000)).toBe(true)
    await evicting('allkeys-random', '1')
    await admin.set('another', 'program').catch(() => undefined)
    await evicting('noeviction')
    now += 1000
    expect(await detailOf(claim(store))).toContain('Redis has evicted keys, and used proofs maybe')
    now += 89_999
    await detailOf(claim(store))
    now += 1
    expect(await claim(store)).toBe(true)
  })
})
