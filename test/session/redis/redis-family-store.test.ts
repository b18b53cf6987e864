import { describe, expect, it } from '@jest/globals'
import { redisFamilyStore } from '../../../lib/redis.js'
import { newFamilyId } from '../../../lib/session/family-token.js'
import { familyStoreContract } from '../../contract/family-store.js'
import { redisForAllTests } from '../../support/redis-under-test.js'

/** Moves the times of all families back, which is to them as if time had passed. */
const AGE = `
for _, key in ipairs(redis.call('KEYS', '*')) do
  local fields = redis.call('HGETALL', key)
  for index = 1, #fields, 2 do
    local id, family = fields[index], fields[index + 1]
    if id ~= '' then
      local state, count, began, rest = struct.unpack('>BI4I6', family)
      local older = struct.pack('>BI4I6', state, count, began - ARGV[1])
      redis.call('HSET', key, id, older .. string.sub(family, rest))
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
        later: async (ms) => void (ms !== 0 && (await redis.admin.eval(AGE, 0, ms))),
        end: () => store.close(),
      }
    })
  })

  it('finds an old token that comes back, though the clock of Redis went back after the login', async () => {
    await redis.admin.flushall()
    const store = redisFamilyStore({ redis: redis.url })
    const [id, rules] = [newFamilyId('i', 'u'), { ...LIFETIME, graceMs: 10_000 }]
    await store.start(id, LOGIN, LIFETIME)
    await redis.admin.eval(AGE, 0, -5000)
    const rotated = await store.rotate(id, { count: 1, clientId: 'app' }, rules)
    expect(rotated?.rotation).toBe('rotated')
    await redis.admin.eval(AGE, 0, 60_000)
    const again = await store.rotate(id, { count: 1, clientId: 'app' }, rules)
    expect(again?.rotation).toBe('reused')
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
