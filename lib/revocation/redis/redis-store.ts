import { systemClock, systemTimer, type Clock } from '../../core/clock.js'
import { createEvents, printable, type AuthEvent } from '../../core/events.js'
import { optionCheck } from '../../core/options.js'
import { compileLifetimes, LIFETIME_OPTION_NAMES, type LifetimeOptions } from '../lifetimes.js'
import { revokeMethods } from '../revocations.js'
import type { RevocationStore } from '../store.js'
import { compileRedisSource, type RedisSource } from './client.js'
import { createEvictionGuard } from './eviction-guard.js'
import { createHealth } from './health.js'
import { createKeyNames } from './keys.js'
import { createProbe } from './probe.js'
import { entryFor } from './records.js'
import { createReplica } from './replica.js'
import { createStrictReader } from './strict-reader.js'
import { createWriter } from './writer.js'

export interface RedisRevocationStoreOptions extends LifetimeOptions {
  /**
   * A `redis://` URL, or a factory that passes the fail-fast options on:
   * `(o) => new Redis(url, o)`, `(o) => new Redis({ sentinels, name, ...o })` or
   * `(o) => new Cluster(nodes, { ...o, redisOptions: o })`. It is called once for each connection.
   */
  readonly redis: RedisSource
  /**
   * `strict` asks Redis about every token. `replicated` holds all revocations in memory, answers
   * without asking while they are proven to be at most `stalenessBoundMs` old, and asks otherwise.
   * @default 'strict'
   */
  readonly mode?: 'strict' | 'replicated'
  /** Revocations held in memory at most, in replicated mode; with more, Redis is asked. @default 5000000 */
  readonly maxReplicaEntries?: number
  /** Stands in braces before every key, so that all of them share a slot. @default 'revocations' */
  readonly name?: string
  /** How long a check may wait for Redis before it is given up. @default 100 */
  readonly deadlineMs?: number
  /** How long a revocation may take to be stored before it is given up. @default 1000 */
  readonly revokeDeadlineMs?: number
  /** Oldest proof of a healthy Redis that still counts. @default 1000 */
  readonly stalenessBoundMs?: number
  /**
   * Replicas that must have a revocation before it counts as stored (WAIT), and that must follow a
   * master for its answers to be believed: with 1 or more, a master that was cut off or frozen while
   * another was promoted is not taken for the right one. @default 0
   */
  readonly minReplicas?: number
  /**
   * When revocations were lost: `floor` refuses tokens issued until now, once, so that clients
   * refresh; `refuse` answers 503 until a person acts. @default 'floor'
   */
  readonly onDataLoss?: 'floor' | 'refuse'
  /**
   * When Redis is empty and nothing is known to have been there. `initialize` trusts that: right at
   * the first deployment only. @default 'floor'
   */
  readonly onEmpty?: 'floor' | 'initialize' | 'refuse'
  /** When Redis is set to evict keys under memory pressure. @default 'refuse' */
  readonly onEviction?: 'refuse' | 'warn'
  /** Keeps ids out of Redis: all are hashed, not only long and odd ones. @default false */
  readonly hashIds?: boolean
  /** @default the system's */
  readonly clock?: Clock
  /** Told of every change of state, `revocation.state`. */
  readonly onEvent?: (event: AuthEvent) => void
}

export interface RedisRevocationStore extends RevocationStore {
  /**
   * For operators: gives up what was lost and sets a floor, so that service resumes where
   * `onDataLoss` or `onEmpty` is `refuse`. One process is enough; the others follow.
   */
  acceptDataLoss(): Promise<void>
}

const OPTION_NAMES: readonly string[] = [
  ...LIFETIME_OPTION_NAMES,
  'redis',
  'mode',
  'maxReplicaEntries',
  'name',
  'deadlineMs',
  'revokeDeadlineMs',
  'stalenessBoundMs',
  'minReplicas',
  'onDataLoss',
  'onEmpty',
  'onEviction',
  'hashIds',
  'clock',
  'onEvent',
]

/**
 * A denylist in Redis, shared by every process that uses the same `name`.
 *
 * A check costs a part of one MGET for each turn of the event loop. It answers "not revoked" only
 * where Redis is proven to hold every revocation it ever confirmed; otherwise it rejects with
 * `RevocationUnavailable` within `deadlineMs`, and at once while Redis is known to be down.
 *
 * @throws TypeError at construction, for an unknown, missing or contradictory option.
 */
export function redisRevocationStore(options: RedisRevocationStoreOptions): RedisRevocationStore {
  const check = optionCheck('redisRevocationStore')
  check.known(options, OPTION_NAMES)
  check.optionalFunction('clock', options.clock)
  check.optionalFunction('onEvent', options.onEvent)
  const opener = compileRedisSource(check, options.redis)
  const lifetimes = compileLifetimes(check, options)
  const clock = options.clock ?? systemClock
  const timer = systemTimer
  const name = check.string('name', options.name ?? 'revocations')
  if (/[{}]/.test(name)) check.refuse('name', 'not contain a brace', name)
  const deadlineMs = check.number('deadlineMs', options.deadlineMs, {
    fallback: 100,
    min: 1,
    max: 60_000,
  })
  const stalenessBoundMs = check.number('stalenessBoundMs', options.stalenessBoundMs, {
    fallback: 1000,
    min: 100,
    max: 60_000,
  })
  const revokeDeadlineMs = check.number('revokeDeadlineMs', options.revokeDeadlineMs, {
    fallback: 1000,
    min: 1,
    max: 60_000,
  })
  const minReplicas = check.number('minReplicas', options.minReplicas, {
    fallback: 0,
    min: 0,
    max: 100,
    integer: true,
  })
  const keys = createKeyNames(name, check.boolean('hashIds', options.hashIds, false))
  const retentionMs = Math.ceil(lifetimes.retentionSeconds * 1000)

  const events = createEvents(options.onEvent)
  const mode = check.oneOf('mode', options.mode, ['strict', 'replicated'], 'strict')
  const maxReplicaEntries = check.number('maxReplicaEntries', options.maxReplicaEntries, {
    fallback: 5_000_000,
    min: 1000,
    max: 100_000_000,
    integer: true,
  })
  const replica =
    mode === 'strict'
      ? undefined
      : createReplica({
          opener,
          keys,
          clock,
          timer,
          stalenessBoundMs,
          maxEntries: maxReplicaEntries,
        })
  const probe = createProbe(keys, lifetimes.toleranceSeconds, minReplicas, clock)
  const onEviction = check.oneOf('onEviction', options.onEviction, ['refuse', 'warn'], 'refuse')
  const health = createHealth({
    opener,
    probe,
    eviction: createEvictionGuard(probe, onEviction, timer),
    timer,
    deadlineMs,
    stalenessBoundMs,
    retentionMs,
    onDataLoss: check.oneOf('onDataLoss', options.onDataLoss, ['floor', 'refuse'], 'floor'),
    onEmpty: check.oneOf('onEmpty', options.onEmpty, ['floor', 'initialize', 'refuse'], 'floor'),
    onBeat: (proof) => replica?.beat(proof),
    onState(state, detail) {
      if (state === 'lost' || state === 'closed') replica?.distrust()
      const known = detail === undefined ? {} : { detail: printable(detail, 400) }
      events.emit({ name: 'revocation.state', store: name, state, ...known })
    },
  })
  const reader = createStrictReader(keys, health, deadlineMs, timer)
  const writer = createWriter({
    opener,
    keys,
    health,
    clock,
    timer,
    retentionMs,
    deadlineMs: revokeDeadlineMs,
    minReplicas,
  })

  return {
    check(query) {
      if (lifetimes.exceeds(query, clock())) return { revoked: true, by: 'lifetime' }
      return replica?.check(query) ?? reader.check(query)
    },
    ...revokeMethods(lifetimes, clock, {
      write(revocation) {
        const entry = entryFor(keys, revocation)
        // In this process it counts at once, stored or not.
        replica?.apply(entry.name, entry.value, entry.until)
        return writer.store(entry)
      },
      sequence: () => health.position?.sequence ?? 0,
    }),
    ready: () => health.ready(),
    acceptDataLoss: () => health.acceptDataLoss(),
    status() {
      const { state, detail } = health
      if (replica === undefined || state === 'closed')
        return { ready: health.isFresh(), state, detail }
      if (replica.fresh) return { ready: true, state: 'ready', detail: replica.detail }
      if (state !== 'ready') return { ready: false, state, detail }
      return { ready: true, state: 'catching-up', detail: replica.detail }
    },
    async close() {
      replica?.close()
      health.close()
      writer.close()
    },
  }
}
