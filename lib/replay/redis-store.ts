import { optionCheck } from '../core/options/option-check.js'
import { openAsker } from '../redis/asking/asker.js'
import type { RedisSource } from '../redis/source/client.js'
import { faultOf } from '../redis/errors.js'
import { script } from '../redis/scripts.js'
import { ReplayUnavailable, type ReplayStore } from './store.js'

export interface RedisReplayStoreOptions {
  /** As for `redisRevocationStore`. One connection is opened. */
  readonly redis: RedisSource
  /** What every key begins with. @default 'proofs' */
  readonly name?: string | undefined
  /** How long a claim may wait for Redis before the request is 503, in milliseconds. @default 500 */
  readonly deadlineMs?: number | undefined
}

/** One write, and Redis alone decides who was first. */
const CLAIM = script(`return redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[1])`)

/**
 * Used proofs in Redis, for all processes that use the same `name`: one `SET NX PX` a request. While
 * Redis does not answer, requests with proofs are 503. A key holds two digests and lives as long as
 * its proof. Let Redis evict nothing: what it forgets can be used again.
 *
 * @throws TypeError at construction, for an unknown, missing or bad option.
 */
export function redisReplayStore(options: RedisReplayStoreOptions): ReplayStore {
  const check = optionCheck('redisReplayStore')
  const { name, asker } = openAsker(check, options, 'proofs')

  return {
    async claim({ thumbprint, proofId, ttlMs }) {
      const keys = [`${name}:${thumbprint}:${proofId}`]
      const asked = { script: CLAIM, keys, args: [Math.ceil(ttlMs)] }
      const answer = await asker.ask(asked).catch((cause: unknown) => {
        throw new ReplayUnavailable(faultOf(cause).detail)
      })
      return answer === 'OK'
    },
    close: () => asker.close(),
  }
}
