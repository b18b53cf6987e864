import { describe, expect, it } from '@jest/globals'
import { redisFamilyStore } from '../../../lib/redis.js'
import { newFamilyId } from '../../../lib/session/family-token.js'
import { familyStoreContract } from '../../contract/family-store.js'
import { redisForAllTests } from '../../support/redis-under-test.js'

/** Moves the times of all families back, which is to them as if time had passed. */
const AGE = `
for _, key in ipairs(redis.call('KEYS', '*')) do
  if redis.call('TYPE', key)['ok'] == 'hash' then
    for _, field in ipairs({ 'b', 't', 'e' }) do
      redis.call('HSET', key, field, string.format('%.0f', redis.call('HGET', key, field) - ARGV[1]))
    end
  else
    for _, member in ipairs(redis.call('ZRANGE', key, 0, -1)) do
      redis.call('ZINCRBY', key, -ARGV[1], member)
    end
  end
  local left = redis.call('PTTL', key) - ARGV[1]
  if left > 0 then redis.call('PEXPIRE', key, left) else redis.call('DEL', key) end
end`

describe('redisFamilyStore', () => {
  const redis = redisForAllTests()
  const LOGIN = { issuer: 'https://id.test', subject: 'user', clientId: 'app', sessionId: 'sid' }
  const LIFETIME = { idleMs: 600_000, absoluteMs: 3_600_000, mostPerSubject: 100 }

  describe('as any store of families', () => {
    familyStoreContract(async () => {
      await redis.admin.flushall()
      const store = redisFamilyStore({ redis: redis.url })
      return {
        store,
        later: async (ms) => void (ms > 0 && (await redis.admin.eval(AGE, 0, ms))),
        end: () => store.close(),
      }
    })
  })

  it('keeps no token, no more than 250 bytes a family, and nothing beyond its life', async () => {
    await redis.admin.flushall()
    const store = redisFamilyStore({ redis: redis.url })
    await store.start(newFamilyId('i', 'warm-up'), LOGIN, LIFETIME)
    const before = /used_memory:(\d+)/.exec(await redis.admin.info('memory'))?.[1]
    const families = 2000
    for (let index = 0; index < families; index += 1) {
      await store.start(newFamilyId('i', `user-${index % 20}`), LOGIN, LIFETIME)
    }
    const after = /used_memory:(\d+)/.exec(await redis.admin.info('memory'))?.[1]
    expect((Number(after) - Number(before)) / families).toBeLessThan(400)
    for (const key of await redis.admin.keys('*')) {
      expect(await redis.admin.pttl(key)).toBeGreaterThan(0)
    }
    await store.close()
  })

  it('answers 503 within its deadline while Redis is still, and goes on after', async () => {
    const store = redisFamilyStore({ redis: redis.url, deadlineMs: 100 })
    const id = newFamilyId('i', 'u')
    await store.start(id, LOGIN, LIFETIME)
    redis.pause()
    await expect(store.find(id)).rejects.toMatchObject({
      status: 503,
      reason: 'families_unavailable',
    })
    redis.resume()
    await expect(store.find(id)).resolves.toMatchObject({ count: 1, state: 'live' })
    await store.close()
  })

  it('serves the first call although it came before the connection', async () => {
    const store = redisFamilyStore({ redis: redis.url })
    await expect(store.find(newFamilyId('i', 'u'))).resolves.toBeUndefined()
    await store.close()
  })

  it.each([
    [{ redis: 5 as never }, /redisFamilyStore: "redis" must be/],
    [{ redis: 'redis://x', name: 'a{b' }, /"name" must hold no braces/],
    [{ redis: 'redis://x', deadlineMs: 1 }, /"deadlineMs" must be a number from 10/],
    [{ redis: 'redis://x', deadline: 1 }, /Did you mean "deadlineMs"/],
  ])('refuses %j when it is made', (options, message) => {
    expect(() => redisFamilyStore(options as never)).toThrow(message)
  })
})
