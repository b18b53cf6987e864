import { afterAll, beforeAll, describe } from '@jest/globals'
import { redisRevocationStore } from '../../../lib/redis.js'
import { startRedis, type RedisServer } from '../../../tools/redis-server.js'
import { itKeepsTheStoreContract } from '../../contract/revocation-store.js'

let redis: RedisServer

beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())

describe('redisRevocationStore, strict', () => {
  let opened = 0
  itKeepsTheStoreContract(async (options) => {
    opened += 1
    const store = redisRevocationStore({
      ...options,
      redis: redis.url,
      name: `contract-${opened}`,
      onEmpty: 'initialize',
    })
    await store.ready()
    return { store, end: () => Promise.resolve() }
  })
})
