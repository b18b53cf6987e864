import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import type {
  RedisRevocationStore,
  RedisRevocationStoreOptions,
} from '../../../lib/revocation/redis/index.js'
import { faultOf } from '../../../lib/revocation/redis/redis-errors.js'
import { RevocationUnavailable } from '../../../lib/revocation/store.js'
import { startRedis, type RedisServer } from '../../../scripts/redis-server.js'
import { until } from '../../support/until.js'
import {
  freshToken,
  outcome,
  storeHarness,
  token,
  untilOutcome,
  untilState,
} from './store-harness.js'

let redis: RedisServer
let admin: Redis
const stores = storeHarness()

const readyStore = (
  options: Partial<RedisRevocationStoreOptions> = {},
): Promise<RedisRevocationStore> => stores.ready({ redis: redis.url, ...options })

beforeEach(async () => {
  redis = await startRedis()
  admin = new Redis(redis.url, { retryStrategy: () => 50 })
  admin.on('error', () => undefined)
})
afterEach(async () => {
  await stores.close()
  admin.disconnect()
  redis.resume()
  await redis.stop()
})

describe('a Redis that says no', () => {
  it.each([
    [
      'READONLY',
      () => admin.replicaof('127.0.0.1', redis.port + 1),
      () => admin.replicaof('NO', 'ONE'),
    ],
    [
      'NOREPLICAS',
      () => admin.config('SET', 'min-replicas-to-write', 1),
      () => admin.config('SET', 'min-replicas-to-write', 0),
    ],
  ])('is not believed while it answers %s', async (name, begin, end) => {
    const store = await readyStore()
    await begin()
    await untilState(store, 'down', new RegExp(name))
    expect(await outcome(store)).toBe('unavailable')
    await end()
    await untilOutcome(store, 'accepted')
  })

  it('says that a user may not do what is needed', async () => {
    const store = await readyStore()
    await admin.acl('SETUSER', 'default', '-evalsha')
    await untilState(store, 'refused', /NOPERM.*Allow/)
    await expect(store.ready()).rejects.toThrow(/NOPERM/)
    await admin.acl('SETUSER', 'default', '+@all')
    await untilOutcome(store, 'accepted')
  })

  it.each(['strict', 'replicated'] as const)(
    'needs no more permissions than it names, in %s mode',
    async (mode) => {
      const permissions = faultOf(new Error('NOPERM')).detail.match(/\+\S+/g) ?? []
      await admin.acl('SETUSER', 'api', 'on', '>pass', '~{revocations}:*', ...permissions)
      const url = new URL(redis.url)
      url.username = 'api'
      url.password = 'pass'
      const store = await readyStore({ redis: url.href, mode })
      await store.revokeToken(token())
      await untilState(store, 'ready')
      expect(await outcome(store)).toBe('token')
    },
  )

  it('says that a password is wanted', async () => {
    const store = await readyStore()
    await admin.config('SET', 'requirepass', 'secret')
    await admin.call('CLIENT', ['KILL', 'TYPE', 'normal', 'SKIPME', 'yes'])
    await untilState(store, 'refused', /NOAUTH/)
    expect(await outcome(store)).toBe('unavailable')
    await admin.config('SET', 'requirepass', '')
    await untilOutcome(store, 'accepted')
  })

  it('says that a script blocks it', async () => {
    const store = await readyStore()
    await admin.config('SET', 'busy-reply-threshold', 50)
    const blocker = new Redis(redis.url)
    const blocked = blocker.eval('while true do end', 0).catch(() => undefined)
    await untilState(store, 'down', /BUSY|No answer/)
    expect(await outcome(store)).toBe('unavailable')
    await admin.script('KILL')
    await blocked
    blocker.disconnect()
    await untilOutcome(store, 'accepted')
  })

  it('goes on checking when its memory is full, and rejects revocations by name', async () => {
    const store = await readyStore()
    await store.revokeToken(token())
    await admin.config('SET', 'maxmemory', 1)
    await expect(store.revokeToken(token({ tokenId: 'token-2' }))).rejects.toThrow(/OOM/)
    await beats(2)
    expect(await outcome(store)).toBe('token')
    expect(await outcome(store, token({ tokenId: 'token-2' }))).toBe('accepted')
  })

  it('is asked again where it has forgotten the scripts', async () => {
    const store = await readyStore()
    await admin.script('FLUSH')
    await store.revokeToken(token())
    await beats(2)
    expect(await outcome(store)).toBe('token')
  })

  it('is connected to anew where it drops its clients', async () => {
    const store = await readyStore()
    await store.revokeToken(token())
    for (let i = 0; i < 5; i += 1) {
      await admin.call('CLIENT', ['KILL', 'TYPE', 'normal', 'SKIPME', 'yes'])
      await untilOutcome(store, 'token')
    }
    expect(store.status().ready).toBe(true)
  })
})

describe('a Redis that evicts', () => {
  it.each(['allkeys-lru', 'volatile-ttl', 'allkeys-random'])(
    'is refused under %s, with the fix in the message (X-09)',
    async (policy) => {
      await admin.config('SET', 'maxmemory', '100mb')
      await admin.config('SET', 'maxmemory-policy', policy)
      const store = stores.open({ redis: redis.url })
      await expect(store.ready()).rejects.toThrow(new RegExp(`${policy}.*noeviction`))
      expect(await outcome(store)).toBe('unavailable')
      await expect(store.revokeToken(token())).rejects.toThrow(RevocationUnavailable)
      await admin.config('SET', 'maxmemory-policy', 'noeviction')
      await untilOutcome(store, 'accepted')
    },
  )

  it('is used under onEviction warn', async () => {
    await admin.config('SET', 'maxmemory', '100mb')
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lru')
    const store = await readyStore({ onEviction: 'warn' })
    expect(await outcome(store)).toBe('accepted')
  })

  it('is no matter without a limit of memory', async () => {
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lru')
    expect(await outcome(await readyStore())).toBe('accepted')
  })

  it('has lost data where it has evicted keys since it was last seen (X-09)', async () => {
    const store = await readyStore()
    await store.revokeToken(token())
    await admin.config('SET', 'maxmemory-policy', 'volatile-lru')
    await admin.set('cached', 'x'.repeat(100_000), 'EX', 1000)
    await admin.config('SET', 'maxmemory', 1)
    await admin.ping()
    await admin.set('more', 'x').catch(() => undefined)
    await admin.config('SET', 'maxmemory', 0)
    await admin.config('SET', 'maxmemory-policy', 'noeviction')
    await admin.call('CLIENT', ['KILL', 'TYPE', 'normal', 'SKIPME', 'yes'])
    await untilOutcome(store, 'accepted', freshToken())
    expect(await outcome(store)).toBe('floor')
  })
})

/** Waits for so many beats, seen from the server. */
async function beats(count: number): Promise<void> {
  const start = await scriptCalls()
  await until(async () => expect(await scriptCalls()).toBeGreaterThanOrEqual(start + count))
}

async function scriptCalls(): Promise<number> {
  const stats = await admin.info('commandstats')
  return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0)
}
