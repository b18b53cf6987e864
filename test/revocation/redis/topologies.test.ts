import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { Cluster, Redis } from 'ioredis'
import type { RedisFactory } from '../../../lib/revocation/redis/index.js'
import {
  startCluster,
  startSentinels,
  type ClusterTopology,
  type SentinelTopology,
} from '../../../scripts/redis-topologies.js'
import {
  freshToken,
  outcome,
  storeHarness,
  token,
  untilOutcome,
  untilState,
} from '../../support/redis-store.js'

const stores = storeHarness()
afterEach(() => stores.close())

const MODES = ['strict', 'replicated'] as const

/** Revokes in one process, and asks another. */
async function servesIn(mode: (typeof MODES)[number], redis: RedisFactory): Promise<void> {
  const store = await stores.ready({ redis, mode, name: mode })
  const other = await stores.ready({ redis, name: mode })
  await other.revokeToken(token())
  await untilOutcome(store, 'token')
  await untilState(store, 'ready')
  expect(await outcome(store, freshToken())).toBe('accepted')
}

describe('Redis Cluster', () => {
  let cluster: ClusterTopology
  beforeAll(async () => {
    cluster = await startCluster()
  }, 30_000)
  afterAll(() => cluster.stop())

  it.each(MODES)('serves in %s mode', async (mode) => {
    const nodes = cluster.ports.map((port) => ({ host: '127.0.0.1', port }))
    await servesIn(mode, (failFast) => new Cluster(nodes, { ...failFast, redisOptions: failFast }))
    expect(cluster.ports).toHaveLength(6)
  })

  it('finds the whole of a revocation in one slot, whatever shard that is on', async () => {
    const nodes = cluster.ports.map((port) => ({ host: '127.0.0.1', port }))
    for (const name of ['strict-0', 'strict', 'replicated-1']) {
      const store = await stores.ready({
        name,
        redis: (failFast) => new Cluster(nodes, { ...failFast, redisOptions: failFast }),
      })
      await store.revokeToken(token())
      expect(await outcome(store)).toBe('token')
    }
  })
})

describe('Redis Sentinel', () => {
  let sentinels: SentinelTopology
  beforeAll(async () => {
    sentinels = await startSentinels()
  }, 30_000)
  afterAll(() => sentinels.stop())

  it.each(MODES)('serves in %s mode, with a replica that follows', async (mode) => {
    const { name, natMap, sentinelPorts } = sentinels
    const addresses = sentinelPorts.map((port) => ({ host: '127.0.0.1', port }))
    await servesIn(
      mode,
      (failFast) => new Redis({ ...failFast, name, natMap, sentinels: addresses }),
    )
    expect(addresses).toHaveLength(3)
  })
})
