import { afterEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import {
  redisRevocationStore,
  type RedisRevocationStore,
  type RedisRevocationStoreOptions,
} from '../../../lib/redis.js'
import { startTcpProxy } from '../../../tools/tcp-proxy.js'
import { itKeepsTheStoreContract } from '../../contract/revocation-store.js'
import { until } from '../../../tools/until.js'
import { commandsDuring } from '../../support/monitor.js'
import { freshToken, outcome, token, untilOutcome, untilState } from '../../support/redis-store.js'
import { redisForAllTests } from '../../support/redis-under-test.js'

const redis = redisForAllTests()
const { stores } = redis

afterEach(async () => {
  await stores.close()
  await redis.admin.flushall()
})

/** A store that answers from its memory. */
async function replicated(
  options: Partial<RedisRevocationStoreOptions> = {},
): Promise<RedisRevocationStore> {
  const store = await redis.readyStore({ mode: 'replicated', ...options })
  await untilState(store, 'ready')
  return store
}

describe('redisRevocationStore, replicated', () => {
  itKeepsTheStoreContract(async (options) => {
    const store = redisRevocationStore({
      ...options,
      redis: redis.url,
      mode: 'replicated',
      onEmpty: 'initialize',
    })
    await store.ready()
    await untilState(store, 'ready')
    return {
      store,
      end: async () => {
        await redis.admin.flushall()
      },
    }
  })
})

describe('a fresh replica', () => {
  it('answers without a promise and without asking Redis', async () => {
    const store = await replicated()
    await store.revokeToken(token())
    expect(store.check(token())).toEqual({ revoked: true, by: 'token' })
    expect(store.check(token({ tokenId: 'token-2' }))).toEqual({ revoked: false })
  })

  it('hears of what others revoke', async () => {
    const store = await replicated()
    const other = await redis.readyStore()
    await other.revokeSubject(
      { issuer: token().issuer, subject: 'user-1' },
      { exceptSessions: ['session-2'] },
    )
    await until(() => expect(store.check(token())).toEqual({ revoked: true, by: 'subject' }))
    expect(store.check(token({ sessionId: 'session-2' }))).toEqual({ revoked: false })
  })

  it('knows what was revoked before it started', async () => {
    const other = await redis.readyStore()
    for (let i = 0; i < 2500; i += 100) {
      await Promise.all(
        Array.from({ length: 100 }, (_, j) =>
          other.revokeToken(token({ tokenId: `token-${i + j}`, subject: undefined })),
        ),
      )
    }
    // Beats wait while this test holds up the process.
    const store = await replicated({ stalenessBoundMs: 20_000 })
    for (let i = 0; i < 2500; i += 1) {
      expect(store.check(token({ tokenId: `token-${i}` }))).toEqual({ revoked: true, by: 'token' })
    }
  })

  it('misses nothing where the log was trimmed of entries that had their time', async () => {
    const old = `for n = 1, 350 do
      redis.call('XADD', KEYS[1], n .. '-1', 'n', n, 'k', 'j:old:' .. n, 'v', '1', 'e', '1000')
    end`
    await redis.admin.eval(old, 1, '{revocations}:log')
    // Data without a lineage: a floor is set, and the log goes on where it was.
    const other = await redis.readyStore()
    await other.revokeToken(token())
    const length = await redis.admin.xlen('{revocations}:log')
    expect(length).toBeLessThan(350)
    expect(length).toBeGreaterThan(0)
    const store = await replicated()
    expect(store.check(token())).toEqual({ revoked: true, by: 'token' })
    expect(store.check(freshToken())).toEqual({ revoked: false })
  })

  it('begins with small pages of the log, because its code is slow at first', async () => {
    const other = await redis.readyStore()
    for (let i = 0; i < 300; i += 1) await other.revokeToken(token({ tokenId: `token-${i}` }))
    const commands = await commandsDuring(redis.admin, () => replicated())
    const counts = commands.filter(([name]) => name === 'xread').map(([, , count]) => Number(count))
    expect(counts.slice(0, 4)).toEqual([32, 64, 128, 256])
    expect(Math.max(...counts)).toBeLessThanOrEqual(500)
  })

  it('refuses a token revoked in this process at once, even where Redis could not store it', async () => {
    const store = await replicated({ revokeDeadlineMs: 100 })
    redis.pause()
    await expect(store.revokeToken(token())).rejects.toThrow(/not stored/)
    expect(store.check(token())).toEqual({ revoked: true, by: 'token' })
    redis.resume()
  })
})

describe('a replica that cannot prove itself', () => {
  it('goes on for the staleness bound, and is an outage after it', async () => {
    const store = await replicated({ stalenessBoundMs: 600 })
    await store.revokeToken(token())
    redis.pause()
    const pausedAt = performance.now()
    expect(await outcome(store, token({ tokenId: 'token-2' }))).toBe('accepted')
    await untilOutcome(store, 'unavailable', token({ tokenId: 'token-2' }))
    expect(performance.now() - pausedAt).toBeLessThan(600 + 300)
    redis.resume()
    await untilState(store, 'ready')
    expect(store.check(token())).toEqual({ revoked: true, by: 'token' })
  })

  it('asks Redis where only the log does not arrive, and heals by itself', async () => {
    const proxy = await startTcpProxy(redis.port)
    let connections = 0
    const store = await replicated({
      stalenessBoundMs: 400,
      redis: (failFast) => {
        connections += 1
        const port = connections === 3 ? proxy.port : redis.port
        return new Redis(port, failFast)
      },
    })
    const other = await redis.readyStore()
    proxy.hold()
    await other.revokeToken(token())
    const confirmedAt = performance.now()
    await untilOutcome(store, 'token')
    expect(performance.now() - confirmedAt).toBeLessThan(400 + 200)
    expect(store.status()).toMatchObject({ ready: true, state: 'catching-up' })
    proxy.release()
    await untilState(store, 'ready')
    await proxy.close()
  })

  it('reads on over a new connection where that of the log has gone dead', async () => {
    const proxy = await startTcpProxy(redis.port)
    const ports = [redis.port, redis.port, proxy.port]
    const store = await replicated({
      redis: (failFast) => new Redis(ports.shift() ?? redis.port, failFast),
    })
    const other = await redis.readyStore()
    await other.revokeToken(token({ tokenId: 'token-0' }))
    await until(() =>
      expect(store.check(token({ tokenId: 'token-0' }))).toMatchObject({ by: 'token' }),
    )
    proxy.freeze()
    await other.revokeToken(token())
    await untilState(store, 'catching-up')
    await untilState(store, 'ready')
    expect(store.check(token())).toEqual({ revoked: true, by: 'token' })
    await proxy.close()
  })

  it.each([
    ['FLUSHALL', () => redis.admin.flushall()],
    ['the log was deleted', () => redis.admin.del('{revocations}:log')],
    ['the lineage was deleted', () => redis.admin.del('{revocations}:lin')],
  ])('sets a floor and never un-revokes: %s', async (_name, lose) => {
    const store = await replicated()
    await store.revokeSession({ issuer: token().issuer, sessionId: 'session-1' })
    await store.revokeToken(token())
    await lose()
    const seen = new Set<string>()
    await until(async () => {
      seen.add(await outcome(store))
      expect(await outcome(store, token({ issuedAt: undefined, sessionId: undefined }))).not.toBe(
        'accepted',
      )
      expect(await outcome(store, { ...freshToken(), sessionId: 'session-2' })).toBe('accepted')
    })
    await untilState(store, 'ready')
    seen.add(await outcome(store))
    expect(seen).not.toContain('accepted')
    expect(await outcome(store, freshToken())).toBe('session')
  })

  it('does not trust a log with a hole: Redis is asked instead', async () => {
    const other = await redis.readyStore()
    for (const tokenId of ['token-1', 'token-2', 'token-3']) {
      await other.revokeToken(token({ tokenId }))
    }
    const [, second] = await redis.admin.xrange('{revocations}:log', '-', '+')
    await redis.admin.xdel('{revocations}:log', second![0])
    const store = await redis.readyStore({ mode: 'replicated' })
    await untilState(store, 'catching-up', /entry 2 of the log is missing/)
    expect(await outcome(store, token({ tokenId: 'token-2' }))).toBe('token')
  })

  it('asks Redis where more is revoked than it may hold', async () => {
    const store = await replicated({ maxReplicaEntries: 1000 })
    for (let i = 0; i < 1200; i += 100) {
      await Promise.all(
        Array.from({ length: 100 }, (_, j) =>
          store.revokeToken(token({ tokenId: `token-${i + j}`, subject: undefined })),
        ),
      )
    }
    await untilState(store, 'catching-up', /More than 900/)
    expect(await outcome(store, token({ tokenId: 'token-7' }))).toBe('token')
    expect(await outcome(store, token({ tokenId: 'other' }))).toBe('accepted')
  })
})
