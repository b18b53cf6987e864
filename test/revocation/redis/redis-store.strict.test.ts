import { describe } from '@jest/globals'
import { redisRevocationStore } from '../../../lib/redis.js'
import { itKeepsTheStoreContract } from '../../contract/revocation-store.js'
import { redisForAllTests } from '../../support/redis-under-test.js'

const redis = redisForAllTests()

describe('redisRevocationStore, strict', () => {
  itKeepsTheStoreContract(async (options) => {
    const store = redisRevocationStore({ ...options, redis: redis.url, onEmpty: 'initialize' })
    await store.ready()
    return {
      store,
      end: async () => {
        await redis.admin.flushall()
      },
    }
  })
})
