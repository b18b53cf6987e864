import { Cluster, Redis } from 'ioredis'
import { createClient, createCluster, createSentinel } from 'redis'
import type {
  FailFastOptions,
  NodeRedisClient,
  RedisClient,
  RedisFactory,
} from '../../lib/redis.js'

/** How processes of a fault run reach Redis, and what their stores are told. */
export type Target = Reach & {
  readonly minReplicas?: number
  /** @default 'initialize' */
  readonly onEmpty?: 'initialize' | 'floor'
  readonly maxReplicaEntries?: number
}

type Reach =
  | {
      readonly kind: 'standalone'
      readonly port: number
      /** Another way to the same server, for the connection that revokes. */
      readonly writePort?: number
      /** Another way to the same server, for the connection that follows the log. */
      readonly logPort?: number
      readonly db?: number
    }
  | {
      readonly kind: 'sentinel'
      readonly name: string
      readonly ports: readonly number[]
      /** Where a server is really reached, by the port that its peers know. */
      readonly natMap?: Readonly<Record<string, { host: string; port: number }>>
    }
  | {
      readonly kind: 'cluster'
      readonly ports: readonly number[]
      readonly scaleReads?: 'slave'
    }

/** Whom a token is shown to: our two modes, and what many articles teach. */
export const CLIENTS = ['strict', 'replicated', 'naive'] as const
export type ClientName = (typeof CLIENTS)[number]

export const STALENESS_BOUND_MS = 1000

export type ToWorker =
  | { readonly target: Target }
  /** Revocations have been asked for up to this token. */
  | { readonly revoking: number }
  | { readonly order: Order }
  | { readonly report: true }

/** What an API process is made to suffer. */
export type Order =
  /** Its event loop stands still. */
  | { readonly stallMs: number }
  /** It makes garbage, more than it can collect in peace. */
  | { readonly garbageMs: number }
  /** Its wall clock is set so far from the right time. */
  | { readonly clockOffsetSeconds: number }

/** A revocable token that was let in: its number, when the check began, and whether Redis had answered. */
export type Accepted = readonly [
  client: ClientName,
  token: number,
  startedAt: number,
  answered: boolean,
]

export type FromWorker =
  | { readonly ready: true }
  /** The table of replicated mode is complete. */
  | { readonly caughtUp: true }
  | { readonly accepted: readonly Accepted[] }
  | { readonly report: Readonly<Record<ClientName, WorkerReport>> }

export interface WorkerReport {
  readonly checks: number
  /** Longest time without letting in one good token. */
  readonly longestGapMs: number
  /** When the last gap that a user would feel was over; 0 where there was none. */
  readonly lastGapEndedAt: number
  /** How long ago the last good token was let in. */
  readonly lastAcceptedMsAgo: number
}

/** Milliseconds on a clock that all processes of this machine share. */
export function machineTime(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000
}

/** The package whose clients the stores are given: `ioredis` or `node-redis`. Processes inherit it. */
export const CLIENT_VARIABLE = 'FAULTS_CLIENT'

/** A store opens its connection for checks and beats first, then the one that revokes, then the log's. */
export function storeConnections(target: Target): RedisFactory {
  let opened = 0
  return (failFast): RedisClient | NodeRedisClient => {
    opened += 1
    return process.env[CLIENT_VARIABLE] === 'node-redis'
      ? connectNodeRedis(target, opened)
      : connect(target, failFast, opened)
  }
}

/** ioredis as it comes, with a timeout. */
export function openNaiveClient(target: Target): Redis | Cluster {
  return connect(target, { maxRetriesPerRequest: 1 }, 1)
}

function connect(
  target: Target,
  options: Partial<FailFastOptions>,
  connection: number,
): Redis | Cluster {
  switch (target.kind) {
    case 'standalone':
      return new Redis(portOf(target, connection), { ...options, db: target.db ?? 0 })
    case 'sentinel':
      return new Redis({
        ...options,
        name: target.name,
        sentinels: addresses(target.ports),
        ...(target.natMap === undefined ? {} : { natMap: target.natMap }),
      })
    case 'cluster':
      return new Cluster(addresses(target.ports), {
        ...options,
        redisOptions: options,
        scaleReads: target.scaleReads ?? 'master',
      })
  }
}

function connectNodeRedis(target: Target, connection: number): NodeRedisClient {
  switch (target.kind) {
    case 'standalone':
      return createClient({
        socket: { port: portOf(target, connection) },
        database: target.db ?? 0,
      })
    case 'sentinel':
      return createSentinel({
        name: target.name,
        sentinelRootNodes: addresses(target.ports),
        ...(target.natMap === undefined ? {} : { nodeAddressMap: target.natMap }),
      })
    case 'cluster':
      return createCluster({
        rootNodes: addresses(target.ports).map((socket) => ({ socket })),
        useReplicas: target.scaleReads === 'slave',
      })
  }
}

type Standalone = Extract<Target, { kind: 'standalone' }>

function portOf(
  { port, writePort = port, logPort = port }: Standalone,
  connection: number,
): number {
  return [port, writePort, logPort][connection - 1] ?? logPort
}

const addresses = (ports: readonly number[]): { host: string; port: number }[] =>
  ports.map((port) => ({ host: '127.0.0.1', port }))
