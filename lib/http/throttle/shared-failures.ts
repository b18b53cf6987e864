import { createHmac } from 'node:crypto'
import type { Timer } from '../../core/clock.js'
import type { Events } from '../../core/events/events.js'
import type { OptionCheck } from '../../core/options/option-check.js'
import type { Failures } from './failure-counter.js'
import { deriveKeys, type Secret } from '../secrets/secrets.js'
import { createSharedRedis, type SharedRedis } from './shared-redis.js'
import { countsIn, createSharedScript } from './shared-script.js'

export interface SharedFailuresOptions {
  readonly redis: SharedRedis
  readonly secret: Secret | undefined
  readonly windowMs: number
  readonly timer: Timer
  readonly events: Pick<Events, 'emit'>
}

/** Counts a failure of a network for all processes. Undefined where Redis does not answer; never rejects. */
export type SharedFailures = (network: string) => Promise<Failures | undefined>

const LIMITER = 'throttle'

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
 * that passes.
 */
export function createSharedFailures(
  check: OptionCheck,
  { redis, secret, windowMs, timer, events }: SharedFailuresOptions,
): SharedFailures {
  if (secret === undefined) {
    return check.refuse('throttle.secret', 'be given with "throttle.redis"', secret)
  }
  const [key] = deriveKeys(check, 'throttle.secret', [secret], 'throttle/v1')
  const shared = createSharedRedis(check, redis, { option: 'throttle.redis', timer })
  const ask = createSharedScript({ redis: shared, limiter: LIMITER, timer, events })

  return (network) => {
    // Keyed: of a plain digest, all IPv4 addresses are tried out in minutes.
    const digest = createHmac('sha256', key).update(network).digest('base64url')
    return ask({
      script: COUNT_SCRIPT,
      key: `${LIMITER}:${digest}`,
      args: [windowMs],
      read: (answer) => toFailures(answer, timer.now()),
    })
  }
}

function toFailures(answer: unknown, now: number): Failures {
  const [count = 0, left = 0] = countsIn(answer, 2)
  return { count, resetAt: now + left }
}
