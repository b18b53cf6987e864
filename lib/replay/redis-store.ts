import { systemTimer, type Timer } from '../core/clock.js'
import { optionCheck } from '../core/options/option-check.js'
import { openAsker } from '../redis/asking/asker.js'
import type { RedisSource } from '../redis/source/client.js'
import { allowing, faultOf } from '../redis/errors.js'
import { script } from '../redis/scripts.js'
import { createEvictionWatch } from './eviction-watch.js'
import { ReplayUnavailable, type ReplayStore } from './store.js'

export interface RedisReplayStoreOptions {
  /** As for `redisRevocationStore`. One connection is opened. */
  readonly redis: RedisSource
  /** What every key begins with. @default 'proofs' */
  readonly name?: string | undefined
  /** How long a claim may wait for Redis before the request is 503, in milliseconds. @default 500 */
  readonly deadlineMs?: number | undefined
  /**
   * Live proofs of one client's key, about 150 bytes each, so that no client fills Redis alone. Further
   * ones are 503. @default 100,000
   */
  readonly maxPerKey?: number | undefined
}

/**
 * One write, and Redis alone decides who was first. By the clock of Redis, which all processes share.
 *
 * KEYS the proofs of one client's key. ARGV proof, ms to keep it, most proofs.
 */
const CLAIM = script(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
if redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 'used' end
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then return 'full' end
redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), ARGV[1])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 'fresh'`)

// prettier-ignore
const NEEDED = `${allowing([
  'eval', 'evalsha', 'exists', 'info', 'time', 'zremrangebyscore', 'zscore', 'zcard', 'zadd', 'pttl', 'pexpire',
])} on its keys`

/**
 * Used proofs in Redis, for all processes that use the same `name`: one write a request. While Redis
 * does not answer, or may evict keys, requests with proofs are 503. The proofs of one client's key stand
 * in one set, which ends with the last of them.
 *
 * @throws TypeError at construction, for an unknown, missing or bad option.
 */
export function redisReplayStore(options: RedisReplayStoreOptions): ReplayStore {
  return createRedisReplayStore(options, systemTimer)
}

/** @param timer For tests. */
export function createRedisReplayStore(
  options: RedisReplayStoreOptions,
  timer: Pick<Timer, 'now'>,
): ReplayStore {
  const check = optionCheck('redisReplayStore')
  check.known(options, ['redis', 'name', 'deadlineMs', 'maxPerKey'])
  const { maxPerKey: share, ...connection } = options
  const range = { fallback: 100_000, min: 1, max: 10_000_000, integer: true }
  const maxPerKey = check.number('maxPerKey', share, range)
  const { name, asker } = openAsker(check, connection, 'proofs')
  const evictions = createEvictionWatch(asker, timer)

  return {
    async claim({ thumbprint, proofId, ttlMs }) {
      const key = `${name}:${thumbprint}`
      const keepMs = Math.ceil(ttlMs)
      const asked = { script: CLAIM, keys: [key], args: [proofId, keepMs, maxPerKey] }
      const both = Promise.all([asker.ask(asked), evictions.inspect(key, keepMs)])
      const [answer, forgetful] = await both.catch((cause: unknown) => {
        throw new ReplayUnavailable(faultOf(cause, NEEDED).detail)
      })
      if (forgetful !== undefined) throw new ReplayUnavailable(forgetful)
      if (answer === 'full') throw new ReplayUnavailable(`It holds ${maxPerKey} proofs of this key`)
      return answer === 'fresh'
    },
    close: () => asker.close(),
  }
}
