import type { Timer } from '../../core/clock.js'
import { DeadlineExceeded, withDeadline } from '../../core/deadline.js'
import type { OptionCheck } from '../../core/options/option-check.js'
import { isRecord } from '../../core/values.js'
import { createClientOpener, isRedisClient, type RedisSource } from '../../redis/source/client.js'
import { withoutCommands } from '../../redis/safe-errors.js'
import { createLink } from '../../redis/asking/link.js'
import { createWaiters } from '../../redis/asking/waiters.js'
import type { RateLimitRedis } from './shared-script.js'

/**
 * The Redis that counts for all processes: a URL, a client of ioredis or node-redis (duplicated, never
 * used itself), or a factory. An object of your own with `call` is used as it is.
 */
export type SharedRedis = RedisSource | RateLimitRedis

/** Longer than a caller waits, because a late answer still tells of a place that was taken. */
const SILENT_MS = 1000

/** Its connection is kept as long as the process lives, and does not keep that alive. */
export function createSharedRedis(
  check: OptionCheck,
  redis: SharedRedis,
  { option, timer }: { readonly option: string; readonly timer: Timer },
): RateLimitRedis {
  if (isOwnObject(redis)) return redis
  const opener = createClientOpener(check, redis, option)
  const connected = createWaiters()
  const link = createLink(opener, timer, {
    up: () => connected.resolve(),
    down: () => connected.resolve(),
  })

  return {
    async call(command, ...args) {
      if (link.client === undefined && link.trouble === undefined) await connected.wait()
      const { client } = link
      if (client === undefined) throw withoutCommands(link.trouble) ?? new Error('not connected')
      try {
        return await withDeadline(client.call(command, args), SILENT_MS, timer)
      } catch (error) {
        if (error instanceof DeadlineExceeded) link.reset()
        throw error
      }
    },
  }
}

function isOwnObject(redis: SharedRedis): redis is RateLimitRedis {
  return isRecord(redis) && typeof redis['call'] === 'function' && !isRedisClient(redis)
}
