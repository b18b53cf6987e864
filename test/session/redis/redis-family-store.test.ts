import { describe, expect, it } from '@jest/globals'
import { redisFamilyStore } from '../../../lib/redis.js'
import { newFamilyId } from '../../../lib/session/family-token.js'
import { familyStoreContract } from '../../contract/family-store.js'
import { redisForAllTests } from '../../support/redis-under-test.js'

/** Moves the times of all families back, which is to them as if time had passed. */
const AGE = `
for _, key in ipairs(redis.call('KEYS', '*')) do
  local stored = redis.call('GET', key)
  local from = 2 + string.byte(stored)
  local older = string.sub(stored, 1, from - 1)
  while from <= #stored do
    local to = from + 1 + string.byte(stored, from)
    -- After the length, nine characters of the id, the state and the number.
    local began, rest = struct.unpack('>I6', stored, from + 15)
    older = older .. string.sub(stored, from, from + 14) .. struct.pack('>I6', began - ARGV[1])
      .. string.sub(stored, rest, to - 1)
    from = to
  end
  redis.call('SET', key, older, 'KEEPTTL')
  local left = redis.call('PTTL', key) - ARGV[1]
  if left > 0 then redis.call('PEXPIRE', key, left) else redis.call('DEL', key) end
end`

describe('redisFamilyStore', () => {
  const redis = redisForAllTests()
  const LOGIN = { subject: 'user', clientId: 'app', sessionId: 'sid' }
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
