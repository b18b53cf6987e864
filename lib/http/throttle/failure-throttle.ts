import type { Timer } from '../../core/clock.js'
import { AuthError } from '../../core/verdicts/errors.js'
import type { Events } from '../../core/events/events.js'
import type { OptionCheck } from '../../core/options/option-check.js'
import { FailureCounter, type Failures } from './failure-counter.js'
import { networkOf } from '../request/client-network.js'
import type { Client } from '../request/request-head.js'
import type { Secret } from '../secrets/secrets.js'
import { createSharedFailures } from './shared-failures.js'
import type { SharedRedis } from './shared-redis.js'

export interface ThrottleOptions {
  /** Bad tokens of one network (IPv4 address or IPv6 /56) in a window. @default 20 */
  readonly failuresPerNetwork?: number | undefined
  /** Length of a window, in seconds. @default 60 */
  readonly windowSeconds?: number | undefined
  /**
   * Shares the counts between processes; while it does not answer, each counts for itself. A URL, a
   * client of ioredis or node-redis (duplicated, never used itself) or a factory. @default this process
   */
  readonly redis?: SharedRedis | undefined
  /** Keeps addresses out of `redis`, which holds HMACs of them. At least 32 bytes; needed with `redis`. */
  readonly secret?: Secret | undefined
}

export interface Throttle {
  /** Whether the network of a client has failed too often to be worth more than a signature check. */
  throttles(client: Client): boolean
  /** Counts a refusal, and replaces it by 429 once its network has had too many. */
  answerTo(client: Client, error: AuthError): AuthError | Promise<AuthError>
}

/**
 * Every signature that can be checked by the keys at hand is still checked, and a good token passes
 * whatever its network did: a neighbour behind the same NAT must not be locked out. Only the answer
 * to a bad one changes, and tells an attacker no longer what was wrong. A good token resets nothing,
 * or an attacker with an account of their own could guess for ever.
 */
export function createThrottle(
  check: OptionCheck,
  options: ThrottleOptions | undefined,
  { timer, events }: { readonly timer: Timer; readonly events: Pick<Events, 'emit'> },
): Throttle | undefined {
  if (options === undefined) return undefined
  check.known(options, ['failuresPerNetwork', 'windowSeconds', 'redis', 'secret'], {
    within: 'throttle',
  })
  const limit = check.number('throttle.failuresPerNetwork', options.failuresPerNetwork, {
    fallback: 20,
    min: 1,
    max: 1_000_000,
    integer: true,
  })
  const windowSeconds = check.number('throttle.windowSeconds', options.windowSeconds, {
    fallback: 60,
    min: 1,
    max: 86_400,
  })
  const windowMs = Math.round(windowSeconds * 1000)
  const { redis, secret } = options
  const shared =
    redis === undefined
      ? undefined
      : createSharedFailures(check, { redis, secret, windowMs, timer, events })
  const counter = new FailureCounter(windowMs)

  function tooMany(detail: string, { resetAt }: Failures): AuthError {
    const retryAfterSeconds = Math.ceil((resetAt - timer.now()) / 1000)
    return new AuthError('too_many_requests', { reason: 'rate_limited', detail, retryAfterSeconds })
  }

  function judge(error: AuthError, failures: Failures): AuthError {
    if (failures.count <= limit) return error
    const detail = `More than ${limit} bad tokens of one network; this one was refused for ${error.reason}`
    return tooMany(detail, failures)
  }

  return {
    throttles: ({ address }) =>
      (counter.read(networkOf(address), timer.now())?.count ?? 0) >= limit,
    answerTo({ address }, error) {
      const network = networkOf(address)
      if (error.code === 'too_many_requests') {
        const failures = counter.read(network, timer.now())
        return failures === undefined ? error : tooMany(error.detail ?? '', failures)
      }
      if (!isAttackLike(error)) return error
      const own = counter.add(network, timer.now())
      // A network over the limit here is not counted elsewhere, and costs no round trip.
      if (shared === undefined || own.count > limit) return judge(error, own)
      return shared(network).then((others) => {
        if (others === undefined || others.count <= own.count) return judge(error, own)
        counter.raise(network, others, timer.now())
        return judge(error, others)
      })
    },
  }
}

/**
 * Front ends send expired tokens all day long, outages are nobody's guess, and a published private key
 * is the issuer's fault. Invented `kid`s are a guess, although the answer may be that we cannot know.
 */
export function isAttackLike({ code, reason }: Pick<AuthError, 'code' | 'reason'>): boolean {
  if (reason === 'unknown_key') return true
  if (reason === 'expired' || reason === 'compromised_key') return false
  return code === 'invalid_token' || code === 'invalid_request' || code === 'invalid_dpop_proof'
}
