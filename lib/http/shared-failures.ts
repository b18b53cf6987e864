import { createHmac } from 'node:crypto'
import type { Timer } from '../core/clock.js'
import { withDeadline } from '../core/deadline.js'
import type { Events } from '../core/events.js'
import type { OptionCheck } from '../core/options.js'
import { messageOf } from '../core/values.js'
import type { Failures } from './failure-counter.js'
import { deriveKeys, type Secret } from './secrets.js'

/** As much of an ioredis client as counting needs. The app keeps it, and may use it for more. */
export interface RateLimitRedis {
  call(command: string, ...args: string[]): Promise<unknown>
}

export interface SharedFailuresOptions {
  readonly redis: RateLimitRedis
  readonly secret: Secret | undefined
  readonly windowMs: number
  readonly timer: Timer
  readonly events: Events
}

/** Counts a failure of a network for all processes. Undefined where Redis does not answer; never rejects. */
export type SharedFailures = (network: string) => Promise<Failures | undefined>

const LIMITER = 'throttle'
const DEADLINE_MS = 100
/** How long to leave a Redis alone that failed to answer. */
const RETRY_MS = 1000

/** A key without an expiry, however it came about, would block its network for ever. */
const COUNT_SCRIPT = `
local count = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  left = tonumber(ARGV[1])
  redis.call('PEXPIRE', KEYS[1], left)
end
return { count, left }`

/**
 * Counts that processes share through Redis. One round trip for each failure; none for a request
 * that passes. While Redis does not answer, it is asked once a second, and processes count for themselves.
 */
export function createSharedFailures(
  check: OptionCheck,
  { redis, secret, windowMs, timer, events }: SharedFailuresOptions,
): SharedFailures {
  if (typeof (redis as Partial<RateLimitRedis>).call !== 'function') {
    check.refuse('throttle.redis', 'be an ioredis client', redis)
  }
  if (secret === undefined) {
    return check.refuse('throttle.secret', 'be given with "throttle.redis"', secret)
  }
  const [key] = deriveKeys(check, 'throttle.secret', [secret], 'throttle/v1')
  let degraded = false
  let retryAt = Number.NEGATIVE_INFINITY

  async function count(network: string): Promise<Failures> {
    // Keyed: of a plain digest, all IPv4 addresses are tried out in minutes.
    const digest = createHmac('sha256', key).update(network).digest('base64url')
    const answer = redis.call('EVAL', COUNT_SCRIPT, '1', `${LIMITER}:${digest}`, String(windowMs))
    return toFailures(await withDeadline(answer, DEADLINE_MS, timer), timer.now())
  }

  return async (network) => {
    if (degraded) {
      if (timer.now() < retryAt) return undefined
      // Set before asking, so that one request is the probe and no other waits with it.
      retryAt = timer.now() + RETRY_MS
    }
    try {
      const failures = await count(network)
      if (degraded) events.emit({ name: 'ratelimit.recovered', limiter: LIMITER })
      degraded = false
      return failures
    } catch (error) {
      retryAt = timer.now() + RETRY_MS
      if (!degraded) {
        const detail = messageOf(error)
        events.emit({ name: 'ratelimit.degraded', limiter: LIMITER, detail })
      }
      degraded = true
      return undefined
    }
  }
}

function toFailures(answer: unknown, now: number): Failures {
  const [count, left] = Array.isArray(answer) ? answer.map(Number) : []
  if (count === undefined || left === undefined || !(count > 0) || !(left >= 0)) {
    throw new TypeError('Redis did not answer with a count')
  }
  return { count, resetAt: now + left }
}
