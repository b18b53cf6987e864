import assert from 'node:assert/strict'
import { it } from 'node:test'
import { redisRevocationStore } from '../../../lib/redis.js'

void it('leaves a store open', async () => {
  const store = redisRevocationStore({
    redis: process.env['REDIS_URL']!,
    mode: 'replicated',
    onEmpty: 'initialize',
  })
  await store.ready()
  assert.equal(store.status().ready, true)
})
