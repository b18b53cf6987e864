import type { IncomingMessage } from 'node:http'
import type { Timer } from '../core/clock.js'
import { AuthError } from '../core/errors.js'
import type { OptionCheck } from '../core/options.js'
import { FailureCounter } from './failure-counter.js'
import { addressOf, networkOf } from './network.js'

export interface ThrottleOptions {
  /** Bad tokens of one network (IPv4 address or IPv6 /56) in a window. @default 20 */
  readonly failures?: number
  /** @default 60 */
  readonly windowSeconds?: number
}

/** Counts a refusal, and replaces it by 429 once its network has had too many. */
export type Throttle = (req: IncomingMessage, error: AuthError) => AuthError

/**
 * Every token is still verified, and a good one passes whatever its network did: a neighbour behind
 * the same NAT must not be locked out. Only the answer to a bad one changes, and tells an attacker
 * no longer what was wrong. A good token resets nothing, or an attacker with an account of their
 * own could guess for ever.
 */
export function compileThrottle(
  check: OptionCheck,
  options: ThrottleOptions | undefined,
  timer: Timer,
): Throttle | undefined {
  if (options === undefined) return undefined
  check.known(options, ['failures', 'windowSeconds'])
  const limit = check.number('throttle.failures', options.failures, {
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
  const counter = new FailureCounter(windowSeconds * 1000)

  return (req, error) => {
    if (!isAttackLike(error)) return error
    const now = timer.now()
    const { count, resetAt } = counter.add(networkOf(addressOf(req)), now)
    if (count <= limit) return error
    return new AuthError('too_many_requests', {
      reason: 'rate_limited',
      detail: `More than ${limit} bad tokens of one network; this one was refused for ${error.reason}`,
      retryAfterSeconds: Math.ceil((resetAt - now) / 1000),
    })
  }
}

/** Front ends send expired tokens all day long, and outages are nobody's guess. */
function isAttackLike({ code, reason }: AuthError): boolean {
  return (code === 'invalid_token' || code === 'invalid_request') && reason !== 'expired'
}
