import { afterAll, afterEach, beforeAll, beforeEach, expect } from '@jest/globals'
import { Redis } from 'ioredis'
import type { RedisRevocationStore, RedisRevocationStoreOptions } from '../../lib/redis.js'
import { startRedis, type RedisServer } from '../../tools/redis-server.js'
import { storeHarness, type StoreHarness } from './redis-store.js'
import { until } from '../../tools/until.js'

/** A Redis of a test's own, the stores over it, and an operator who can reach it. */
export interface RedisUnderTest extends Pick<
  RedisServer,
  'url' | 'port' | 'pause' | 'resume' | 'kill' | 'restart'
> {
  /** A client that no store uses. */
  readonly admin: Redis
  readonly stores: StoreHarness
  /** Opens a store over it, and waits until that is ready. */
  readonly readyStore: (
    options?: Partial<RedisRevocationStoreOptions>,
  ) => Promise<RedisRevocationStore>
  /** Waits for so many beats, seen from the server. */
  readonly beats: (count: number) => Promise<void>
  /** Every client loses its connection, but `admin`. */
  readonly dropClients: () => Promise<unknown>
}

/** A new one for each test of the file or block that this is called in. */
export const redisForEachTest = (settings?: readonly string[]): RedisUnderTest =>
  redisBetween(beforeEach, afterEach, settings)

/** One for all tests of the file or block that this is called in. */
export const redisForAllTests = (settings?: readonly string[]): RedisUnderTest =>
  redisBetween(beforeAll, afterAll, settings)

function redisBetween(
  before: typeof beforeEach,
  after: typeof afterEach,
  settings?: readonly string[],
): RedisUnderTest {
  const stores = storeHarness()
  let server: RedisServer
  let admin: Redis

  before(async () => {
    server = await startRedis(settings)
    admin = new Redis(server.url, { retryStrategy: () => 50 })
    admin.on('error', () => undefined)
  })
  after(async () => {
    await stores.close()
    admin.disconnect()
    server.resume()
    await server.stop()
  })

  async function scriptCalls(): Promise<number> {
    const stats = await admin.info('commandstats')
    return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0)
  }

  return {
    get url() {
      return server.url
    },
    get port() {
      return server.port
    },
    get admin() {
      return admin
    },
    stores,
    pause: () => server.pause(),
    resume: () => server.resume(),
    kill: () => server.kill(),
    restart: () => server.restart(),
    readyStore: (options = {}) => stores.ready({ redis: server.url, ...options }),
    beats: async (count) => {
      const start = await scriptCalls()
      await until(async () => expect(await scriptCalls()).toBeGreaterThanOrEqual(start + count))
    },
    dropClients: () => admin.call('CLIENT', ['KILL', 'TYPE', 'normal', 'SKIPME', 'yes']),
  }
}
