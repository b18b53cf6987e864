import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { Cluster, Redis } from 'ioredis'
import type { RedisFactory } from '../../../lib/redis.js'
import { startRedis, type RedisServer } from '../../../tools/redis-server.js'
import {
  joinCluster,
  startCluster,
  startClusterOfOne,
  startSentinels,
  type ClusterTopology,
  type SentinelTopology,
} from '../../../tools/redis-topologies.js'
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

/** Knows one node; the others are found. */
const factoryFor =
  ({ port }: RedisServer): RedisFactory =>
  (failFast) =>
    new Cluster([{ host: '127.0.0.1', port }], { ...failFast, redisOptions: failFast })

describe('a Cluster that says no', () => {
  let server: RedisServer
  let operator: Redis
  let slot: number
  beforeAll(async () => {
    server = await startClusterOfOne()
    operator = new Redis(server.url)
    slot = Number(await operator.call('CLUSTER', ['KEYSLOT', '{revocations}:']))
  })
  afterEach(async () => {
    await stores.close()
    await operator.flushall()
  })
  afterAll(async () => {
    operator.disconnect()
    await server.stop()
  })

  it('is not believed while it answers CLUSTERDOWN', async () => {
    const store = await stores.ready({ redis: factoryFor(server) })
    await store.revokeToken(token())
    await operator.call('CLUSTER', ['DELSLOTS', slot])
    await untilState(store, 'down', /CLUSTERDOWN: the cluster/)
    expect(await outcome(store)).toBe('unavailable')
    await expect(store.revokeToken(token())).rejects.toThrow(/CLUSTERDOWN: the cluster/)
    await operator.call('CLUSTER', ['ADDSLOTS', slot])
    await untilOutcome(store, 'token')
  })

  it('says so at the start too', async () => {
    await operator.call('CLUSTER', ['DELSLOTS', slot])
    const store = stores.open({ redis: factoryFor(server) })
    await untilState(store, 'down', /CLUSTERDOWN: the cluster/)
    await operator.call('CLUSTER', ['ADDSLOTS', slot])
    await expect(store.ready()).resolves.toBeUndefined()
  })

  it('says that a password is wanted', async () => {
    await operator.config('SET', 'requirepass', 'secret')
    const store = stores.open({ redis: factoryFor(server) })
    await expect(store.ready()).rejects.toThrow(/NOAUTH/)
    await operator.config('SET', 'requirepass', '')
    await untilOutcome(store, 'accepted')
  })

  it('is named where it is no Cluster', async () => {
    const single = await startRedis()
    const store = stores.open({ redis: factoryFor(single) })
    await untilState(store, 'down', /cluster support disabled/)
    expect(await outcome(store)).toBe('unavailable')
    await stores.close()
    await single.stop()
  })

  describe('while a slot is moved', () => {
    let other: RedisServer
    let otherOperator: Redis
    beforeAll(async () => {
      other = await startClusterOfOne()
      otherOperator = new Redis(other.url)
      await otherOperator.call('CLUSTER', ['FLUSHSLOTS'])
      await joinCluster(operator, other)
    })
    afterAll(async () => {
      otherOperator.disconnect()
      await other.stop()
    })

    it('is not believed while it answers TRYAGAIN', async () => {
      const store = await stores.ready({ redis: factoryFor(server) })
      await store.revokeToken(token())
      const otherId = String(await otherOperator.call('CLUSTER', ['MYID']))
      await operator.call('CLUSTER', ['SETSLOT', slot, 'MIGRATING', otherId])
      await untilState(store, 'down', /TRYAGAIN: our slot/)
      expect(await outcome(store)).toBe('unavailable')
      await expect(store.revokeToken(token({ tokenId: 'token-2' }))).rejects.toThrow(
        /TRYAGAIN: our slot/,
      )
      await operator.call('CLUSTER', ['SETSLOT', slot, 'STABLE'])
      await untilOutcome(store, 'token')
    })

    it('is not believed while it answers MOVED to a node that says the same', async () => {
      const store = await stores.ready({ redis: factoryFor(server) })
      await store.revokeToken(token())
      const [id, otherId] = await Promise.all(
        [operator, otherOperator].map(async (node) => String(await node.call('CLUSTER', ['MYID']))),
      )
      await operator.call('CLUSTER', ['DELSLOTS', slot])
      await operator.call('CLUSTER', ['SETSLOT', slot, 'NODE', otherId!])
      await untilState(store, 'down', /MOVED: the nodes/)
      expect(await outcome(store)).toBe('unavailable')
      await operator.call('CLUSTER', ['SETSLOT', slot, 'NODE', id!])
      await untilOutcome(store, 'token')
    })

    it('is not believed while it answers ASK and the new node does not take it', async () => {
      const otherId = String(await otherOperator.call('CLUSTER', ['MYID']))
      await operator.call('CLUSTER', ['SETSLOT', slot, 'MIGRATING', otherId])
      const store = stores.open({ redis: factoryFor(server) })
      await untilState(store, 'down', /ASK: our slot|MOVED: the nodes/)
      expect(await outcome(store)).toBe('unavailable')
      await operator.call('CLUSTER', ['SETSLOT', slot, 'STABLE'])
      await untilOutcome(store, 'accepted')
    })

    it('leaves no rejection unhandled, which ends a process, where the node named by ASK is gone', async () => {
      const otherId = String(await otherOperator.call('CLUSTER', ['MYID']))
      await operator.call('CLUSTER', ['SETSLOT', slot, 'MIGRATING', otherId])
      other.pause()
      const store = stores.open({ redis: factoryFor(server) })
      await untilState(store, 'down', /No answer|ASK/)
      await other.kill()
      await operator.call('CLUSTER', ['SETSLOT', slot, 'STABLE'])
      // An unhandled rejection fails the test by itself.
      await untilOutcome(store, 'accepted')
      expect(await outcome(store)).toBe('accepted')
    })
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
