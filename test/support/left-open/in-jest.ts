import { expect, it } from '@jest/globals'
import { redisRevocationStore } from '../../../lib/redis.js'

it('leaves a store open', async () => {
  const store = redisRevocationStore({ redis: process.env['REDIS_URL']!, onEmpty: 'initialize' })
  await store.ready()
  expect(store.status().state).toBe('ready')
})
