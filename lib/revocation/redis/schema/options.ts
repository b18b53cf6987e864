import { systemClock, systemTimer, type Clock, type Timer } from '../../../core/clock.js'
import { createEvents, type AuthEvent, type Events } from '../../../core/events/events.js'
import { optionCheck } from '../../../core/options/option-check.js'
import {
  compileLifetimes,
  LIFETIME_OPTION_NAMES,
  type LifetimeOptions,
  type Lifetimes,
} from '../../lifetimes.js'
import type { ClientOpener } from '../../../redis/source/client.js'
import { createClientOpener, type RedisSource } from '../../../redis/source/client.js'
import { createKeyNames, type KeyNames } from './key-names.js'

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
  readonly mode?: 'strict' | 'replicated' | undefined
  /** Revocations held in memory at most, in replicated mode; with more, Redis is asked. @default 10000000 */
  readonly maxReplicaEntries?: number | undefined
  /** Stands in braces before every key, so that all of them share a slot. @default 'revocations' */
  readonly name?: string | undefined
  /** How long a check may wait for Redis before it is given up. @default 500 */
  readonly deadlineMs?: number | undefined
  /** How long a revocation may take to be stored before it is given up. @default 1000, with `fsync` 3000 */
  readonly revokeDeadlineMs?: number | undefined
  /** Oldest proof of a healthy Redis that still counts. @default 1000 */
  readonly stalenessBoundMs?: number | undefined
  /**
   * Replicas that must have a revocation before it counts as stored (WAIT), and that must follow a
   * master for its answers to be believed.
   *
   * With 1 or more, a master that was cut off or frozen while
   * another was promoted is not taken for the right one. @default 0
   */
  readonly minReplicas?: number | undefined
  /**
   * A revocation counts as stored once it is on disk (WAITAOF, Redis 7.2 or Valkey), on the master and
   * on each of `minReplicas`: a crash then loses none that was confirmed. `revokeDeadlineMs` is then 3000.
   *
   * Needs `appendonly yes`; with `appendfsync everysec` each revocation takes up to a second.
   * @default false
   */
  readonly fsync?: boolean | undefined
  /**
   * When revocations were lost: `floor` refuses tokens issued until now, once, so that clients
   * refresh; `refuse` answers 503 until a person acts. @default 'floor'
   */
  readonly onDataLoss?: 'floor' | 'refuse' | undefined
  /**
   * When Redis is empty and nothing is known to have been there. `initialize` trusts that: right at
   * the first deployment only. @default 'floor'
   */
  readonly onEmpty?: 'floor' | 'initialize' | 'refuse' | undefined
  /** When Redis is set to evict keys under memory pressure. @default 'refuse' */
  readonly onEviction?: 'refuse' | 'warn' | undefined
  /** Keeps ids out of Redis: all are hashed, not only long and odd ones. @default false */
  readonly hashIds?: boolean | undefined
  /** Wall time in seconds, for tests. @default the system's */
  readonly clock?: Clock | undefined
  /** Told of every change of state, `revocation.state`. */
  readonly onEvent?: ((event: AuthEvent) => void) | undefined
  /**
   * Whether an outage and its end are told on stderr where nobody listens to events.
   * @default true, but false in a test run (`NODE_ENV` is `test`)
   */
  readonly advice?: boolean | undefined
}

/** The options, checked, with their defaults. */
export interface Settings {
  readonly opener: ClientOpener
  readonly keys: KeyNames
  readonly lifetimes: Lifetimes
  readonly name: string
  readonly mode: 'strict' | 'replicated'
  readonly maxReplicaEntries: number
  readonly deadlineMs: number
  readonly revokeDeadlineMs: number
  readonly stalenessBoundMs: number
  readonly minReplicas: number
  readonly fsync: boolean
  /** How long entries stay in the log. */
  readonly retentionMs: number
  readonly onDataLoss: 'floor' | 'refuse'
  readonly onEmpty: 'floor' | 'initialize' | 'refuse'
  readonly onEviction: 'refuse' | 'warn'
  readonly clock: Clock
  readonly timer: Timer
  readonly events: Events
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
  'fsync',
  'onDataLoss',
  'onEmpty',
  'onEviction',
  'hashIds',
  'clock',
  'onEvent',
  'advice',
]

export function compileSettings(options: RedisRevocationStoreOptions): Settings {
  const check = optionCheck('redisRevocationStore')
  check.known(options, OPTION_NAMES)
  check.optionalFunction('clock', options.clock)
  check.optionalFunction('onEvent', options.onEvent)
  const milliseconds = (
    option: 'deadlineMs' | 'revokeDeadlineMs' | 'stalenessBoundMs',
    fallback: number,
    min: number,
  ): number => check.number(option, options[option], { fallback, min, max: 60_000 })
  const count = (
    option: 'minReplicas' | 'maxReplicaEntries',
    range: { fallback: number; min: number; max: number },
  ): number => check.number(option, options[option], { ...range, integer: true })
  const opener = createClientOpener(check, options.redis)
  const lifetimes = compileLifetimes(check, options)
  const fsync = check.boolean('fsync', options.fsync, false)
  const name = check.string('name', options.name ?? 'revocations')
  if (/[{}]/.test(name)) check.refuse('name', 'not contain a brace', name)
  return {
    opener,
    keys: createKeyNames(name, check.boolean('hashIds', options.hashIds, false)),
    lifetimes,
    name,
    mode: check.oneOf('mode', options.mode, ['strict', 'replicated'], 'strict'),
    maxReplicaEntries: count('maxReplicaEntries', { fallback: 1e7, min: 1000, max: 1e8 }),
    deadlineMs: milliseconds('deadlineMs', 500, 1),
    revokeDeadlineMs: milliseconds('revokeDeadlineMs', fsync ? 3000 : 1000, 1),
    stalenessBoundMs: milliseconds('stalenessBoundMs', 1000, 100),
    minReplicas: count('minReplicas', { fallback: 0, min: 0, max: 100 }),
    fsync,
    retentionMs: Math.ceil(lifetimes.retentionSeconds * 1000),
    onDataLoss: check.oneOf('onDataLoss', options.onDataLoss, ['floor', 'refuse'], 'floor'),
    onEmpty: check.oneOf('onEmpty', options.onEmpty, ['floor', 'initialize', 'refuse'], 'floor'),
    onEviction: check.oneOf('onEviction', options.onEviction, ['refuse', 'warn'], 'refuse'),
    clock: options.clock ?? systemClock,
    timer: systemTimer,
    events: createEvents(options.onEvent, check.optionalBoolean('advice', options.advice)),
  }
}
