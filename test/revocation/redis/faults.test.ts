import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import {
  redisRevocationStore,
  type RedisRevocationStoreOptions,
} from '../../../lib/revocation/redis/index.js'
import {
  RevocationUnavailable,
  type RevocationQuery,
  type RevocationStore,
} from '../../../lib/revocation/store.js'
import { startRedis, type RedisServer } from '../../../scripts/redis-server.js'
import { until } from '../../support/until.js'

let redis: RedisServer
let admin: Redis
const stores: RevocationStore[] = []

function openStore(options: Partial<RedisRevocationStoreOptions> = {}): RevocationStore {
  const store = redisRevocationStore({
    redis: redis.url,
    onEmpty: 'initialize',
    clockToleranceSeconds: 0,
    ...options,
  })
  stores.push(store)
  return store
}

async function readyStore(
  options: Partial<RedisRevocationStoreOptions> = {},
): Promise<RevocationStore> {
  const store = openStore(options)
  await store.ready()
  return store
}

const nowSeconds = (): number => Math.floor(Date.now() / 1000)

/** Issued a minute ago, unless told otherwise. */
function token(changes: Partial<RevocationQuery> = {}): RevocationQuery {
  return {
    issuer: 'https://id.test',
    tokenId: 'token-1',
    sessionId: 'session-1',
    subject: 'user-1',
    clientId: 'client-1',
    issuedAt: nowSeconds() - 60,
    expiresAt: nowSeconds() + 240,
    version: undefined,
    ...changes,
  }
}

/** What a check comes to, an outage included. */
async function outcome(store: RevocationStore, query = token()): Promise<string> {
  try {
    const verdict = await store.check(query)
    return verdict.revoked ? verdict.by : 'accepted'
  } catch (error) {
    if (error instanceof RevocationUnavailable) return 'unavailable'
    throw error
  }
}

const untilOutcome = (store: RevocationStore, expected: string, query = token()): Promise<void> =>
  until(async () => expect(await outcome(store, query)).toBe(expected))

const fresh = (): RevocationQuery =>
  token({ tokenId: 'fresh', issuedAt: nowSeconds() + 5, expiresAt: nowSeconds() + 100 })

beforeEach(async () => {
  redis = await startRedis()
  admin = new Redis(redis.url, { retryStrategy: () => 50 })
  admin.on('error', () => undefined)
})
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()))
  admin.disconnect()
  redis.resume()
  await redis.stop()
})

describe('a Redis that does not answer', () => {
  it('is reported within the deadline, and served again when it answers, without a restart (X-06)', async () => {
    const store = await readyStore()
    await store.revokeToken(token())
    redis.pause()
    const askedAt = performance.now()
    expect(await outcome(store)).toBe('unavailable')
    expect(performance.now() - askedAt).toBeLessThan(100 + 150)
    redis.resume()
    await untilOutcome(store, 'token')
    expect(await outcome(store, token({ tokenId: 'token-2' }))).toBe('accepted')
  })

  it('is no longer asked by user traffic once a beat has failed', async () => {
    const store = await readyStore()
    redis.pause()
    await until(() => expect(store.status().state).toBe('down'))
    const askedAt = performance.now()
    for (let i = 0; i < 100; i += 1) expect(await outcome(store)).toBe('unavailable')
    expect(performance.now() - askedAt).toBeLessThan(100)
  })

  it('stores no revocation, and says so', async () => {
    const store = await readyStore({ revokeDeadlineMs: 200 })
    redis.pause()
    await expect(store.revokeToken(token())).rejects.toThrow(RevocationUnavailable)
  })

  it('may come up after the API does', async () => {
    await redis.kill()
    const store = openStore()
    expect(await outcome(store)).toBe('unavailable')
    await expect(store.revokeToken(token())).rejects.toThrow(RevocationUnavailable)
    await redis.restart()
    await store.ready()
    expect(await outcome(store)).toBe('accepted')
  })
})

describe('lost data', () => {
  const losses: readonly [string, () => Promise<unknown>][] = [
    ['a restart without persistence', () => redis.restart()],
    ['FLUSHALL', () => admin.flushall()],
    ['the lineage was deleted', () => admin.del('{revocations}:lin')],
    ['the sequence was deleted', () => admin.del('{revocations}:seq')],
    ['the log was deleted', () => admin.del('{revocations}:log')],
    ['another database was swapped in', () => admin.swapdb(0, 1)],
  ]

  it.each(losses)('never un-revokes: %s', async (_name, lose) => {
    const store = await readyStore()
    await store.revokeToken(token())
    await lose()
    const seen = new Set<string>()
    await until(async () => {
      seen.add(await outcome(store))
      expect(await outcome(store, fresh())).toBe('accepted')
    })
    seen.add(await outcome(store))
    expect(seen).not.toContain('accepted')
  })

  it.each(losses)(
    'is an outage until a person acts, by onDataLoss refuse: %s',
    async (_name, lose) => {
      const store = await readyStore({ onDataLoss: 'refuse' })
      await store.revokeToken(token())
      await lose()
      await until(() => expect(store.status().state).toBe('lost'))
      expect(await outcome(store, fresh())).toBe('unavailable')
      await expect(store.ready()).rejects.toThrow(/lost/)
    },
  )
})
