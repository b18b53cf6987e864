import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { createCluster } from 'redis'
import { openNodeRedis } from '../../../lib/redis/node-redis/node-redis.js'
import type { RedisClient } from '../../../lib/redis/opener.js'
import { slotOf } from '../../../lib/redis/node-redis/slots.js'
import { startCluster, type ClusterTopology } from '../../../tools/redis-topologies.js'
import { until } from '../../../tools/until.js'

/** The shard of the first server has the first third of the slots. */
const KEY = Array.from({ length: 100 }, (_, index) => `key-${index}`).find(
  (key) => slotOf(key) < 5000,
)!

let cluster: ClusterTopology
let client: RedisClient

beforeAll(async () => {
  cluster = await startCluster()
  const rootNodes = cluster.ports.map((port) => ({ socket: { host: '127.0.0.1', port } }))
  client = openNodeRedis(createCluster({ rootNodes }))
  client.on('error', () => undefined)
  await until(() => client.call('SET', [KEY, '1']))
}, 30_000)

afterAll(async () => {
  client.disconnect()
  await cluster.stop()
})

it('goes to the new master of a shard whose old one was reset, and answers that it knows nobody', async () => {
  const [master, replica] = [0, 3].map((index) => new Redis(cluster.servers[index]!.url))
  try {
    await master!.pipeline([['flushall'], ['cluster', 'reset', 'soft']]).exec()
    await replica!.call('CLUSTER', 'FAILOVER', 'TAKEOVER')
    await until(async () => expect(await client.call('SET', [KEY, '2'])).toBe('OK'))
    expect(await replica!.get(KEY)).toBe('2')
  } finally {
    for (const operator of [master, replica]) operator!.disconnect()
  }
})
