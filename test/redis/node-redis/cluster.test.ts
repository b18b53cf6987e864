import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { createCluster } from 'redis'
import { openNodeRedis } from '../../../lib/redis/node-redis/node-redis.js'
import type { RedisClient } from '../../../lib/redis/opener.js'
import { slotOf } from '../../../lib/redis/node-redis/slots.js'
import { startCluster, type ClusterTopology } from '../../../tools/redis-topologies.js'
import { until } from '../../../tools/until.js'

/** One key of each shard: the first server has the first third of the slots. */
const [KEY, KILLED, OTHER] = [0, 6000, 12_000].map((from) =>
  Array.from({ length: 100 }, (_, index) => `key-${index}`).find(
    (key) => slotOf(key) >= from && slotOf(key) < from + 4000,
  )!,
) as [string, string, string]

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

it('loses no other shard with one whose master is killed, and goes to its new master', async () => {
  for (const { url } of cluster.servers) {
    const operator = new Redis(url)
    await operator.config('SET', 'cluster-require-full-coverage', 'no')
    operator.disconnect()
  }
  for (const key of [KILLED, OTHER]) await until(() => client.call('SET', [key, '1']))
  await cluster.servers[1]!.kill()
  const others: unknown[] = []
  await until(async () => {
    others.push(await client.call('SET', [OTHER, '2']).catch(String))
    expect(await client.call('SET', [KILLED, '2'])).toBe('OK')
  }, 20_000)
  expect(new Set(others)).toEqual(new Set(['OK']))
}, 30_000)

it('gives up a master alone that does not answer, while others are asked on', async () => {
  await until(() => client.call('SET', [OTHER, '3']))
  cluster.servers[2]!.pause()
  const asked = client.call('SET', [OTHER, '4']).catch(String)
  let answer: unknown
  void asked.then((given) => {
    answer = given
  })
  const others: unknown[] = []
  await until(async () => {
    client.disconnect(true)
    others.push(await client.call('SET', [KEY, '4']).catch(String))
    expect(answer).toMatch(/Error/)
  })
  expect(new Set(others)).toEqual(new Set(['OK']))
  cluster.servers[2]!.resume()
  await until(async () => expect(await client.call('SET', [OTHER, '5'])).toBe('OK'))
}, 30_000)
