import { setTimeout as wait } from 'node:timers/promises'
import { Redis } from 'ioredis'
import type { RedisServer } from '../../../tools/redis-server.js'
import { poll, startCluster, type ClusterTopology } from '../../../tools/redis-topologies.js'
import type { Target } from '../protocol.js'
import type { Scenario, Stage } from '../run.js'
import { naiveKey, revocableToken, STORE_NAMES } from '../tokens.js'

function cluster(
  strike: (master: RedisServer, topology: ClusterTopology) => Promise<unknown>,
  reads: Pick<Extract<Target, { kind: 'cluster' }>, 'scaleReads'> = {},
): () => Promise<Stage> {
  return async () => {
    const topology = await startCluster()
    return {
      target: { kind: 'cluster', ports: topology.ports, ...reads },
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

async function withClients<T>(
  servers: readonly RedisServer[],
  use: (...clients: Redis[]) => Promise<T>,
): Promise<T> {
  const clients = servers.map(({ url }) => new Redis(url))
  try {
    return await use(...clients)
  } finally {
    for (const client of clients) client.disconnect()
  }
}

const TAKEN_OVER_MS = 30_000

/** A replica is a master, and both it and another one know that every slot is served again. */
async function hasTakenOver(replica: RedisServer, other: RedisServer): Promise<void> {
  await withClients([replica, other], (...clients) =>
    poll(async () => {
      const [role] = (await clients[0]!.call('ROLE')) as [string]
      const states = await Promise.all(clients.map((client) => client.call('CLUSTER', 'INFO')))
      return role === 'master' && states.every((state) => String(state).includes('_state:ok'))
    }, TAKEN_OVER_MS),
  )
}

/** So few at a time that the slot is in two places for some seconds. */
const KEYS_MOVED_AT_ONCE = 2

/** As `redis-cli --cluster reshard` does it, under load. */
async function moveSlot(
  slot: number,
  from: Redis,
  to: Redis,
  others: readonly Redis[],
): Promise<void> {
  const [source, target] = await Promise.all(
    [from, to].map(async (client) => String(await client.call('CLUSTER', 'MYID'))),
  )
  await to.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', source!)
  await from.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', target!)
  const { host = '127.0.0.1', port = 0 } = to.options
  for (;;) {
    const keys = (await from.call('CLUSTER', 'GETKEYSINSLOT', slot, KEYS_MOVED_AT_ONCE)) as string[]
    if (keys.length === 0) break
    await from.call('MIGRATE', host, port, '', 0, 1000, 'KEYS', ...keys)
    await wait(30)
  }
  for (const client of [to, from, ...others]) {
    await client.call('CLUSTER', 'SETSLOT', slot, 'NODE', target!)
  }
}

const OUR_KEYS = [
  ...Object.values(STORE_NAMES).map((name) => `{${name}}`),
  naiveKey(revocableToken(0)),
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
    name: 'Cluster: master of our shard emptied and reset, its replica takes over',
    naive: 'hurt',
    prepare: cluster((_master, { servers }) =>
      withClients([servers[0]!, servers[3]!], async (old, replica) => {
        // In one go: a revocation in between would keep it from being reset.
        await old.pipeline([['flushall'], ['cluster', 'reset', 'soft']]).exec()
        await replica.call('CLUSTER', 'FAILOVER', 'TAKEOVER')
      }),
    ),
    recoveryMs: 6000,
  },
  {
    name: 'Cluster: another shard killed',
    naive: 'either',
    // Until then every shard refuses: that takes a busy machine 5 s and more, and no client can help it.
    prepare: cluster(async (_master, { servers }) => {
      await servers[1]!.kill()
      await hasTakenOver(servers[4]!, servers[0]!)
    }),
    recoveryMs: 4000,
  },
  {
    name: 'Cluster: failover by hand',
    naive: 'either',
    prepare: cluster((_master, { servers }) =>
      withClients([servers[3]!], (replica) => replica.call('CLUSTER', 'FAILOVER')),
    ),
    recoveryMs: 4000,
  },
  {
    name: 'Cluster: our slots moved to another shard (ASK, TRYAGAIN, MOVED)',
    naive: 'either',
    prepare: cluster((_master, { servers }) =>
      withClients(servers.slice(0, 3), async (from, to, ...others) => {
        const slots = await Promise.all(
          OUR_KEYS.map(async (key) => Number(await from.call('CLUSTER', 'KEYSLOT', key))),
        )
        await Promise.all(slots.map((slot) => moveSlot(slot, from, to, others)))
      }),
    ),
    recoveryMs: 4000,
  },
  {
    name: 'Cluster: clients read from replicas, and one is 3 s behind',
    naive: 'hurt',
    prepare: cluster(
      (_master, { servers }) =>
        withClients([servers[0]!, servers[3]!], async (master, replica) => {
          // It can no longer log in to its master.
          await replica.config('SET', 'masterauth', 'wrong')
          await master.call('CLIENT', 'KILL', 'TYPE', 'replica')
          await wait(3000)
          await replica.config('SET', 'masterauth', '')
        }),
      { scaleReads: 'slave' },
    ),
    recoveryMs: 3000,
  },
]
