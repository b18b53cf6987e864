import { setTimeout as wait } from 'node:timers/promises'
import { Redis } from 'ioredis'
import type { RedisServer } from '../redis-server.js'
import {
  startCluster,
  startSentinels,
  type ClusterTopology,
  type SentinelOptions,
  type SentinelTopology,
} from '../redis-topologies.js'
import type { Scenario, Stage } from './run.js'

function sentinels(
  strike: (topology: SentinelTopology) => Promise<unknown>,
  options: SentinelOptions = {},
  minReplicas = 0,
): () => Promise<Stage> {
  return async () => {
    const topology = await startSentinels(options)
    const { name, sentinelPorts: ports, natMap } = topology
    return {
      target: { kind: 'sentinel', name, ports, natMap, minReplicas },
      async strike() {
        await strike(topology)
      },
      stop: () => topology.stop(),
    }
  }
}

function cluster(
  strike: (master: RedisServer, topology: ClusterTopology) => Promise<unknown>,
): () => Promise<Stage> {
  return async () => {
    const topology = await startCluster()
    return {
      target: { kind: 'cluster', ports: topology.ports },
      async strike() {
        await strike(topology.servers[0]!, topology)
      },
      async stop() {
        for (const server of topology.servers) server.resume()
        await topology.stop()
      },
    }
  }
}

/** A master that is cut off takes no writes 2 s later, and no other is promoted before 5 s. */
const SAFE_FROM_SPLIT: SentinelOptions = {
  downAfterMs: 5000,
  settings: ['--min-replicas-to-write', '1', '--min-replicas-max-lag', '2'],
}

export const SENTINEL_SCENARIOS: readonly Scenario[] = [
  {
    name: 'Sentinel: master killed',
    naive: 'either',
    prepare: sentinels(({ servers }) => servers[0]!.kill()),
    recoveryMs: 6000,
  },
  {
    name: 'Sentinel: failover that loses confirmed writes',
    naive: 'hurt',
    prepare: sentinels(async ({ servers, peers }) => {
      peers.hold()
      await wait(800)
      await servers[0]!.kill()
      peers.cut()
      peers.release()
    }),
    recoveryMs: 6000,
  },
  {
    name: 'Sentinel: master paused, then back as a replica',
    naive: 'hurt',
    prepare: sentinels(
      async ({ servers }) => {
        servers[0]!.pause()
        await wait(4000)
        servers[0]!.resume()
      },
      {},
      1,
    ),
    recoveryMs: 4000,
  },
  {
    name: 'Sentinel: split brain, minReplicas 1',
    // It stays with the old master, which takes no revocations either.
    naive: 'either',
    prepare: sentinels(
      async ({ peers }) => {
        peers.hold()
        await wait(12_000)
        peers.cut()
        peers.release()
      },
      SAFE_FROM_SPLIT,
      1,
    ),
    recoveryMs: 6000,
  },
]

export const CLUSTER_SCENARIOS: readonly Scenario[] = [
  {
    name: 'Cluster: master of our shard killed',
    naive: 'either',
    prepare: cluster((master) => master.kill()),
    recoveryMs: 6000,
  },
  {
    name: 'Cluster: master of our shard paused for 6 s',
    naive: 'hurt',
    prepare: cluster(async (master) => {
      master.pause()
      await wait(6000)
      master.resume()
    }),
    recoveryMs: 5000,
  },
  {
    name: 'Cluster: master of our shard restarts empty',
    naive: 'hurt',
    prepare: cluster((master) => master.restart()),
    recoveryMs: 6000,
  },
  {
    name: 'Cluster: another shard killed',
    naive: 'either',
    prepare: cluster((_master, { servers }) => servers[1]!.kill()),
    recoveryMs: 6000,
  },
  {
    name: 'Cluster: failover by hand',
    naive: 'either',
    prepare: cluster(async (_master, { servers }) => {
      const replica = new Redis(servers[3]!.url)
      await replica.call('CLUSTER', 'FAILOVER')
      replica.disconnect()
    }),
    recoveryMs: 4000,
  },
]
