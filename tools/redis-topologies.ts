import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { freePort } from '../lib/testing/free-port.js'
import { findRedisBinary, startRedis, type RedisServer } from './redis-server.js'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.js'

export interface SentinelTopology {
  readonly name: string
  readonly sentinelPorts: readonly number[]
  readonly sentinels: readonly Sentinel[]
  /** The master at first; then the replicas. */
  readonly servers: readonly RedisServer[]
  /** Between the master and all others but its clients. */
  readonly peers: TcpProxy
  /** By the address that Sentinels know, where clients really reach the master. */
  readonly natMap: Readonly<Record<string, { host: string; port: number }>>
  stop(): Promise<void>
}

export interface SentinelOptions {
  /** @default 1000 */
  readonly downAfterMs?: number
  /** Further settings of every server. */
  readonly settings?: readonly string[]
}

/** A master with two replicas, and three Sentinels that watch it. */
export async function startSentinels(options: SentinelOptions = {}): Promise<SentinelTopology> {
  const settings = ['--repl-diskless-sync-delay', '0', ...(options.settings ?? [])]
  const master = await startRedis(settings)
  const peers = await startTcpProxy(master.port)
  const replicas = await Promise.all(
    [1, 2].map(() => startRedis([...settings, '--replicaof', `127.0.0.1 ${peers.port}`])),
  )
  await waitForReplicas(master, replicas.length)
  const sentinels = await Promise.all(
    [1, 2, 3].map(() => startSentinel(peers.port, options.downAfterMs ?? 1000)),
  )
  await Promise.all(sentinels.map(({ port }) => waitForSentinel(port)))
  return {
    name: 'mymaster',
    sentinelPorts: sentinels.map(({ port }) => port),
    sentinels,
    servers: [master, ...replicas],
    peers,
    natMap: { [`127.0.0.1:${peers.port}`]: { host: '127.0.0.1', port: master.port } },
    async stop() {
      await Promise.all(sentinels.map((sentinel) => sentinel.stop()))
      await Promise.all([master, ...replicas].map((server) => server.stop()))
      await peers.close()
    },
  }
}

export interface Sentinel {
  readonly port: number
  kill(): Promise<void>
  /** Starts again on the same port, with what it knew. */
  restart(): void
  stop(): Promise<void>
}

async function startSentinel(masterPort: number, downAfterMs: number): Promise<Sentinel> {
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'ers-sentinel-'))
  const config = join(folder, 'sentinel.conf')
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor mymaster 127.0.0.1 ${masterPort} 2`,
    `sentinel down-after-milliseconds mymaster ${downAfterMs}`,
    'sentinel failover-timeout mymaster 3000',
  ]
  await writeFile(config, lines.join('\n'))
  let server: ChildProcess
  function restart(): void {
    server = spawn(findRedisBinary()!, [config, '--sentinel'], { stdio: 'ignore' })
  }
  async function kill(): Promise<void> {
    if (server.signalCode !== null) return
    const ended = once(server, 'exit')
    server.kill('SIGKILL')
    await ended
  }
  const endWithUs = (): void => void server.kill('SIGKILL')
  process.once('exit', endWithUs)
  restart()
  return {
    port,
    kill,
    restart,
    async stop() {
      process.removeListener('exit', endWithUs)
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export interface ClusterTopology {
  /** The masters, then a replica of each. */
  readonly servers: readonly RedisServer[]
  readonly ports: readonly number[]
  stop(): Promise<void>
}

const SLOTS = 16_384
const MASTERS = 3

/** Three masters and a replica of each. */
export async function startCluster(nodeTimeoutMs = 1500): Promise<ClusterTopology> {
  const servers = await Promise.all(
    Array.from({ length: MASTERS * 2 }, async () =>
      startRedis([
        '--cluster-enabled',
        'yes',
        // By default it is the port plus 10000, which may be taken or too high.
        '--cluster-port',
        String(await freePort()),
        '--cluster-node-timeout',
        String(nodeTimeoutMs),
        '--repl-diskless-sync-delay',
        '0',
      ]),
    ),
  )
  const clients = servers.map(({ url }) => new Redis(url))
  const [first] = clients as [Redis, ...Redis[]]
  for (const [index, client] of clients.entries()) {
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1)
  }
  for (const server of servers.slice(1)) await meet(first, server)
  await Promise.all(
    clients.slice(0, MASTERS).map((client, index) => {
      const from = Math.floor((SLOTS * index) / MASTERS)
      const to = Math.floor((SLOTS * (index + 1)) / MASTERS) - 1
      return client.call('CLUSTER', 'ADDSLOTSRANGE', from, to)
    }),
  )
  await poll(async () => knownNodes(clients, servers.length))
  for (const [index, client] of clients.slice(MASTERS).entries()) {
    const master = String(await clients[index]!.call('CLUSTER', 'MYID'))
    await client.call('CLUSTER', 'REPLICATE', master)
  }
  await poll(async () => clusterIsUp(clients))
  for (const client of clients) client.disconnect()
  return {
    servers,
    ports: servers.map(({ port }) => port),
    async stop() {
      await Promise.all(servers.map((server) => server.stop()))
    },
  }
}

/** A Cluster of one node, with every slot. */
export async function startClusterOfOne(settings: readonly string[] = []): Promise<RedisServer> {
  const busPort = String(await freePort())
  const server = await startRedis([
    '--cluster-enabled',
    'yes',
    '--cluster-port',
    busPort,
    // A node that never met another does not know its own address, and clients would not find it.
    '--cluster-announce-ip',
    '127.0.0.1',
    ...settings,
  ])
  const client = new Redis(server.url)
  await client.call('CLUSTER', 'ADDSLOTSRANGE', 0, SLOTS - 1)
  await poll(async () => String(await client.call('CLUSTER', 'INFO')).includes('cluster_state:ok'))
  client.disconnect()
  return server
}

/** Makes a further node known to the Cluster of `first`, and waits until both agree. */
export async function joinCluster(first: Redis, server: RedisServer): Promise<void> {
  await meet(first, server)
  const other = new Redis(server.url)
  await poll(async () => knownNodes([first, other], 2))
  await poll(async () => String(await other.call('CLUSTER', 'INFO')).includes('cluster_state:ok'))
  other.disconnect()
}

async function meet(first: Redis, server: RedisServer): Promise<void> {
  const other = new Redis(server.url)
  const [, , busPort] = String(await other.call('CLUSTER', 'NODES')).match(/:(\d+)@(\d+)/)!
  other.disconnect()
  await first.call('CLUSTER', 'MEET', '127.0.0.1', server.port, busPort!)
}

async function knownNodes(clients: readonly Redis[], count: number): Promise<boolean> {
  const infos = await Promise.all(clients.map((client) => client.call('CLUSTER', 'INFO')))
  return infos.every((info) => String(info).includes(`cluster_known_nodes:${count}`))
}

async function clusterIsUp(clients: readonly Redis[]): Promise<boolean> {
  const infos = await Promise.all(clients.map((client) => client.call('CLUSTER', 'INFO')))
  const nodes = String(await clients[0]!.call('CLUSTER', 'NODES'))
  const replicas = nodes.split('\n').filter((line) => line.includes('slave'))
  const links = await Promise.all(
    clients.slice(MASTERS).map((client) => client.info('replication')),
  )
  return (
    infos.every((info) => String(info).includes('cluster_state:ok')) &&
    replicas.length === MASTERS &&
    links.every((info) => info.includes('master_link_status:up'))
  )
}

async function waitForReplicas(master: RedisServer, count: number): Promise<void> {
  const client = new Redis(master.url)
  await poll(async () => {
    const info = await client.info('replication')
    return (info.match(/state=online/g) ?? []).length === count
  })
  client.disconnect()
}

/** Until it knows both replicas and both other Sentinels. */
async function waitForSentinel(port: number): Promise<void> {
  const client = new Redis(port)
  client.on('error', () => undefined)
  await poll(async () => {
    const info = String(await client.call('INFO', 'sentinel'))
    return info.includes('slaves=2,sentinels=3')
  })
  client.disconnect()
}

/** Asks over and over until it is true, or throws. */
export async function poll(done: () => Promise<boolean>, deadlineMs = 20_000): Promise<void> {
  const deadline = Date.now() + deadlineMs
  while (!(await done().catch(() => false))) {
    if (Date.now() > deadline) throw new Error('The Redis topology did not come up')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
