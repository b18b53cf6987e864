import { describe, expect, it } from '@jest/globals'
import { redisSessionStore } from '../../../lib/redis.js'
import { sessionStoreContract } from '../../contract/session-store.js'
import { redisForAllTests } from '../../support/redis-under-test.js'

/** Moves the times of all sessions back, which is to them as if time had passed. */
const AGE = `
for _, key in ipairs(redis.call('KEYS', '*')) do
  if redis.call('TYPE', key)['ok'] == 'hash' then
    for _, field in ipairs({ 'e', 'u' }) do
      local at = redis.call('HGET', key, field)
      if at then redis.call('HSET', key, field, string.format('%.0f', at - ARGV[1])) end
    end
  end
  local left = redis.call('PTTL', key) - ARGV[1]
  if left > 0 then redis.call('PEXPIRE', key, left) else redis.call('DEL', key) end
end`

describe('redisSessionStore', () => {
  const redis = redisForAllTests()
  const LIFETIME = { idleMs: 600_000, absoluteMs: 3_600_000 }

  describe('as any store of sessions', () => {
    sessionStoreContract(async () => {
      await redis.admin.flushall()
      const store = redisSessionStore({ redis: redis.url })
      let passed = 0
      return {
        store: {
          ...store,
          // Its own clock went on by nothing meanwhile.
          async read(key, use) {
            const session = await store.read(key, use)
            return session && { ...session, idleExpiresAt: session.idleExpiresAt + passed / 1000 }
          },
        },
        async later(ms) {
          passed += ms
          if (ms > 0) await redis.admin.eval(AGE, 0, ms)
        },
        end: () => store.close(),
      }
    })
  })

  it('keeps nothing beyond the life of a session or a login', async () => {
    await redis.admin.flushall()
    const store = redisSessionStore({ redis: redis.url })
    await store.create('a', 'record', LIFETIME)
    await store.lock('a', 'holder', 5000)
    await store.claim('login', 600_000)
    const keys = await redis.admin.keys('*')
    expect(keys.toSorted((one, other) => one.localeCompare(other))).toEqual([
      'sessions:a',
      'sessions:claim:login',
    ])
    for (const key of keys) expect(await redis.admin.pttl(key)).toBeGreaterThan(0)
    await store.close()
  })

  it('writes nothing for most reads: the idle end is put off once a minute at most', async () => {
    await redis.admin.flushall()
    const store = redisSessionStore({ redis: redis.url })
    await store.create('a', 'record', LIFETIME)
    const before = await redis.admin.pexpiretime('sessions:a')
    for (let reads = 0; reads < 20; reads += 1) await store.read('a', true)
    expect(await redis.admin.pexpiretime('sessions:a')).toBe(before)
    await store.close()
  })

  it('answers 503 within its deadline while Redis is still, and goes on after', async () => {
    const store = redisSessionStore({ redis: redis.url, deadlineMs: 100 })
    await store.create('a', 'record', LIFETIME)
    redis.pause()
    await expect(store.read('a', true)).rejects.toMatchObject({
      status: 503,
      reason: 'sessions_unavailable',
    })
    redis.resume()
    await expect(store.read('a', true)).resolves.toMatchObject({ record: 'record' })
    await store.close()
  })

  it('serves the first call although it came before the connection', async () => {
    const store = redisSessionStore({ redis: redis.url })
    await expect(store.read('nobody', true)).resolves.toBeUndefined()
    await store.close()
  })

  it.each([
    [{ redis: 5 as never }, /redisSessionStore: "redis" must be/],
    [{ redis: 'redis://x', name: 'a{b' }, /"name" must hold no braces/],
    [{ redis: 'redis://x', deadlineMs: 1 }, /"deadlineMs" must be a number from 10/],
    [{ redis: 'redis://x', deadline: 1 }, /Did you mean "deadlineMs"/],
  ])('refuses %j when it is made', (options, message) => {
    expect(() => redisSessionStore(options as never)).toThrow(message)
  })
})
