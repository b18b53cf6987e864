import { setTimeout as wait } from 'node:timers/promises'
import { Redis } from 'ioredis'
import {
  poll,
  startSentinels,
  type SentinelOptions,
  type SentinelTopology,
} from '../../../tools/redis-topologies.js'
import type { Field, Scenario, Stage } from '../run.js'

function sentinels(
  strike: (topology: SentinelTopology, field: Field) => Promise<unknown>,
  options: SentinelOptions = {},
  minReplicas = 0,
): () => Promise<Stage> {
  return async () => {
    const topology = await startSentinels(options)
    const { name, sentinelPorts: ports, natMap } = topology
    return {
      target: { kind: 'sentinel', name, ports, natMap, minReplicas },
      async strike(field) {
        await strike(topology, field)
      },
      async stop() {
        for (const server of topology.servers) server.resume()
        await topology.stop()
      },
    }
  }
}

async function ask<T>(port: number, question: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(port)
  redis.on('error', () => undefined)
  try {
    return await question(redis)
  } finally {
    redis.disconnect()
  }
}

/** By the word of every Sentinel: a client asks whichever answers first. */
async function failedOver({ name, sentinelPorts, peers }: SentinelTopology): Promise<void> {
  await poll(async () => {
    const addresses = await Promise.all(
      sentinelPorts.map((port) =>
        ask(port, (sentinel) => sentinel.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name)),
      ),
    )
    return addresses.every((address) => (address as [string, string])[1] !== String(peers.port))
  })
}

/** The API processes stay with the old master; whoever starts now and revokes goes to the new one. */
async function split(topology: SentinelTopology, field: Field): Promise<void> {
  topology.peers.hold()
  await failedOver(topology)
  field.reconnectRevoker()
  await wait(3000)
  topology.peers.cut()
  topology.peers.release()
}

async function oldMasterDemoted({ servers }: SentinelTopology): Promise<void> {
  const { port } = servers[0]!
  await poll(() => ask(port, async (redis) => (await redis.info()).includes('role:slave')))
}

/** Longer than the old master may be believed once it is alone: max-lag + 1 s + staleness bound. */
const DOWN_AFTER_MS = 5000
/** A master that is cut off takes no writes 2 s later. */
const MIN_REPLICAS_TO_WRITE = ['--min-replicas-to-write', '1', '--min-replicas-max-lag', '2']

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
    name: 'Sentinel: failover by hand, minReplicas 1',
    naive: 'either',
    prepare: sentinels(
      async (topology) => {
        await ask(topology.sentinelPorts[0]!, (sentinel) =>
          sentinel.call('SENTINEL', 'FAILOVER', topology.name),
        )
        await failedOver(topology)
      },
      {},
      1,
    ),
    recoveryMs: 4000,
  },
  {
    name: 'Sentinel: all Sentinels dead for 3 s, connections lost meanwhile',
    naive: 'hurt',
    prepare: sentinels(async ({ sentinels: watchers, servers }) => {
      await Promise.all(watchers.map((sentinel) => sentinel.kill()))
      await wait(500)
      await ask(servers[0]!.port, (redis) =>
        redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'),
      )
      await wait(2500)
      for (const sentinel of watchers) sentinel.restart()
    }),
    recoveryMs: 4000,
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
    name: 'Sentinel: split brain, minReplicas 1 and min-replicas-to-write 1',
    naive: 'hurt',
    prepare: sentinels(split, { downAfterMs: DOWN_AFTER_MS, settings: MIN_REPLICAS_TO_WRITE }, 1),
    recoveryMs: 4000,
  },
  {
    name: 'Sentinel: split brain, minReplicas 1 alone',
    naive: 'hurt',
    prepare: sentinels(split, { downAfterMs: DOWN_AFTER_MS }, 1),
    recoveryMs: 4000,
  },
  {
    name: 'Sentinel: split brain, min-replicas-to-write 1 alone',
    naive: 'hurt',
    prepare: sentinels(split, { downAfterMs: DOWN_AFTER_MS, settings: MIN_REPLICAS_TO_WRITE }),
    recoveryMs: 4000,
  },
  {
    name: 'Sentinel: split brain, neither',
    naive: 'hurt',
    prepare: sentinels(async (topology, field) => {
      const healed = field.limit(['strict', 'replicated'])
      await split(topology, field)
      await oldMasterDemoted(topology)
      healed()
    }),
    limit:
      'Two masters, both healthy to their clients: what one of them confirms is unknown to the other until it is demoted, some 10 s after they meet again. From then on, strict at once and replicated after its bound, nothing revoked is let in, on whichever side it was confirmed.',
    recoveryMs: 4000,
  },
]
