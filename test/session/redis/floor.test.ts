import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { redisFamilyStore, redisRevocationStore } from '../../../lib/redis.js'
import { refreshFamilies } from '../../../lib/session.js'
import { until } from '../../../tools/until.js'
import { redisForAllTests } from '../../support/redis-under-test.js'

const APP = { clientId: 'app' }

describe('families over a denylist that lost its data', () => {
  const redis = redisForAllTests()
  let stores: { close(): Promise<void> }[] = []
  beforeAll(() => redis.admin.flushall())
  afterAll(async () => {
    for (const store of stores) await store.close()
  })

  it('end where they were used last before the loss, and new ones begin: a logout may have been lost', async () => {
    const store = redisFamilyStore({ redis: redis.url })
    const revocations = redisRevocationStore({
      redis: redis.url,
      onEmpty: 'initialize',
      clockToleranceSeconds: 0,
    })
    stores = [store, revocations]
    await revocations.ready()
    const secrets = ['a secret of the tests, long enough to be one']
    const families = refreshFamilies(store, { issuer: 'https://id.test', secrets, revocations })
    const { token } = await families.start({ subject: 'user', sessionId: 'old', ...APP })
    // All but the families.
    const keys = await redis.admin.keys('*')
    await redis.admin.del(keys.filter((key) => !key.startsWith('families:')))
    await until(async () => {
      expect(await families.rotate(token, APP)).toEqual({ outcome: 'refused', reason: 'revoked' })
    })
    await until(async () => {
      const next = await families.start({ subject: 'user', sessionId: 'new', ...APP })
      expect(await families.rotate(next.token, APP)).toMatchObject({ outcome: 'rotated' })
    })
    expect(await families.rotate(token, APP)).toMatchObject({ outcome: 'refused' })
  })
})
