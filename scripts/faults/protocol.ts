import { Cluster, Redis } from 'ioredis'
import type { FailFastOptions, RedisClient } from '../../lib/revocation/redis/index.js'

/** How processes of a fault run reach Redis. */
export type Target =
  | { readonly kind: 'standalone'; readonly port: number }
  | {
      readonly kind: 'sentinel'
      readonly name: string
      readonly ports: readonly number[]
      /** What the stores are told. */
      readonly minReplicas: number
      /** Where a server is really reached, by the port that its peers know. */
      readonly natMap?: Readonly<Record<string, { host: string; port: number }>>
    }
  | { readonly kind: 'cluster'; readonly ports: readonly number[] }

/** Whom a token is shown to: our two modes, and what many articles teach. */
export const CLIENTS = ['strict', 'replicated', 'naive'] as const
export type ClientName = (typeof CLIENTS)[number]

export const STALENESS_BOUND_MS = 1000

export type ToWorker =
  | { readonly target: Target }
  /** Revocations have been asked for up to this token. */
  | { readonly revoking: number }
  | { readonly report: true }

/** A revocable token that was let in: its number, and when the check began. */
export type Accepted = readonly [client: ClientName, token: number, startedAt: number]

export type FromWorker =
  | { readonly ready: true }
  | { readonly accepted: readonly Accepted[] }
  | { readonly report: Readonly<Record<ClientName, WorkerReport>> }

export interface WorkerReport {
  readonly checks: number
  /** Longest time without letting in one good token. */
  readonly longestGapMs: number
  /** How long ago the last good token was let in. */
  readonly lastAcceptedMsAgo: number
}

/** Milliseconds on a clock that all processes of this machine share. */
export function machineTime(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000
}

export const minReplicasOf = (target: Target): number =>
  target.kind === 'sentinel' ? target.minReplicas : 0

export function openClient(target: Target, options: FailFastOptions): RedisClient {
  return connect(target, options)
}

/** ioredis as it comes, with a timeout. */
export function openNaiveClient(target: Target): Redis | Cluster {
  return connect(target, { maxRetriesPerRequest: 1 })
}

function connect(target: Target, options: Partial<FailFastOptions>): Redis | Cluster {
  switch (target.kind) {
    case 'standalone':
      return new Redis(target.port, options)
    case 'sentinel':
      return new Redis({
        ...options,
        name: target.name,
        sentinels: target.ports.map((port) => ({ host: '127.0.0.1', port })),
        ...(target.natMap === undefined ? {} : { natMap: target.natMap }),
      })
    case 'cluster':
      return new Cluster(
        target.ports.map((port) => ({ host: '127.0.0.1', port })),
        { ...options, redisOptions: options },
      )
  }
}
