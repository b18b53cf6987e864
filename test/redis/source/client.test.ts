import { afterEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import {
  redisRevocationStore,
  type FailFastOptions,
  type RedisRevocationStoreOptions,
} from '../../../lib/redis.js'
import { DEAD_PORT, startRedis } from '../../../tools/redis-server.js'
import { outcome, token, untilOutcome, untilState } from '../../support/redis-store.js'
import { redisForAllTests } from '../../support/redis-under-test.js'
import { until } from '../../../tools/until.js'

const redis = redisForAllTests()
const { stores } = redis

afterEach(() => stores.close())

describe('the redis option', () => {
  it('may be a factory, which is called once for each connection', async () => {
    const made: Redis[] = []
    const store = await stores.ready({
      redis: (failFast) => {
        const client = new Redis(redis.url, failFast)
        made.push(client)
        return client
      },
    })
    await store.revokeToken(token())
    expect(await outcome(store)).toBe('token')
    expect(made).toHaveLength(2)
  })

  it('is made to fail fast where the factory does not pass the options on', async () => {
    const made: Redis[] = []
    const store = await stores.ready({
      name: 'careless',
      redis: () => {
        const client = new Redis(redis.url)
        made.push(client)
        return client
      },
    })
    for (const { options } of made) {
      expect(options).toMatchObject({
        enableOfflineQueue: false,
        maxRetriesPerRequest: 0,
        autoResendUnfulfilledCommands: false,
      } satisfies Partial<FailFastOptions>)
    }
    redis.pause()
    const askedAt = performance.now()
    expect(await outcome(store)).toBe('unavailable')
    expect(performance.now() - askedAt).toBeLessThan(500 + 150)
    redis.resume()
    await untilOutcome(store, 'accepted')
  })

  it('must make a new client each time: a shared one could block checks', async () => {
    const shared = new Redis(redis.url)
    const store = stores.open({ name: 'shared', redis: () => shared })
    await expect(store.ready()).rejects.toThrow(/new client each time/)
    expect(await outcome(store)).toBe('unavailable')
    shared.disconnect()
  })
})

describe('options', () => {
  it.each<[string, object, RegExp]>([
    ['nothing', {}, /"redis" must be a redis:\/\/ URL/],
    [
      'an http URL',
      { redis: 'http://127.0.0.1' },
      /"redis" must be a redis:\/\/, rediss:\/\/ or valkey:\/\/ URL/,
    ],
    ['a misspelt option', { redis: 'redis://x', deadlineMS: 5 }, /Did you mean "deadlineMs"\?/],
    ['braces in the name', { redis: 'redis://x', name: 'a{b}' }, /"name" must not contain a brace/],
    ['an unknown policy', { redis: 'redis://x', onDataLoss: 'ignore' }, /'floor' or 'refuse'/],
    ['a deadline of no time', { redis: 'redis://x', deadlineMs: 0 }, /"deadlineMs" must be/],
    ['half a replica', { redis: 'redis://x', minReplicas: 0.5 }, /"minReplicas" must be a whole/],
  ])('are refused at construction: %s', (_name, options, message) => {
    expect(() => redisRevocationStore(options as RedisRevocationStoreOptions)).toThrow(message)
  })

  it('do not show a password when they are refused', () => {
    const url = 'http://user:secret@127.0.0.1'
    expect(() => redisRevocationStore({ redis: url })).toThrow(/^(?!.*secret)/)
  })
})

describe('minReplicas', () => {
  it('rejects a revocation that too few replicas have, and counts it where they have it', async () => {
    const { admin } = redis
    await admin.config('SET', 'repl-diskless-sync-delay', 0)
    const replica = await startRedis(['--replicaof', `127.0.0.1 ${redis.port}`])
    const store = await redis.readyStore({ name: 'waiting', minReplicas: 1 })
    const safe = token()
    // A replica on a busy machine may take longer than the deadline at first.
    const stored = await until(() => store.revokeToken(safe))
    expect(stored).toMatchObject({ sequence: 2 })
    replica.pause()
    const unsafe = token({ tokenId: 'token-2' })
    await expect(store.revokeToken(unsafe)).rejects.toThrow(/0 of 1 replicas|No answer/)
    replica.resume()
    await replica.stop()
  })
})

describe('onEvent', () => {
  it('is told when the store becomes usable and when it no longer is', async () => {
    const seen: string[] = []
    const store = await stores.ready({
      redis: redis.url,
      name: 'events',
      onEvent: (event) => {
        if (event.name === 'revocation.state') seen.push(`${event.store} ${event.state}`)
      },
    })
    await store.close()
    expect(seen).toEqual(['events verifying', 'events ready', 'events closed'])
  })

  it('is told once of an outage, however many connections are tried in vain', async () => {
    const seen: string[] = []
    let connections = 0
    const store = await stores.ready({
      name: 'in-vain',
      redis: (failFast) => {
        const client = new Redis(redis.url, failFast)
        client.on('ready', () => (connections += 1))
        return client
      },
      onEvent: (event) => void (event.name === 'revocation.state' && seen.push(event.state)),
    })
    await redis.admin.replicaof('127.0.0.1', DEAD_PORT)
    await untilState(store, 'down', /READONLY/)
    const before = connections
    await until(() => expect(connections).toBeGreaterThanOrEqual(before + 2))
    await redis.admin.replicaof('NO', 'ONE')
    await untilState(store, 'ready')
    expect(seen).toEqual(['verifying', 'ready', 'down', 'ready'])
  })
})
