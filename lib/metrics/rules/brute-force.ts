import { FailureCounter } from '../../http/throttle/failure-counter.js'
import { isAttackLike } from '../../http/throttle/failure-throttle.js'
import type { Rule } from './rule.js'

const WINDOW_MS = 60_000

/** Logging all users out makes every client send a revoked token once, from an office all at once. */
const EXCUSED = ['revoked', 'before_floor', 'lifetime_exceeds_store', 'inactive_token']

/**
 * Many bad tokens of one network. Expired and revoked ones do not count, nor requests without any:
 * front ends send those all day long.
 *
 * @param limit Bad tokens in a minute.
 */
export function bruteForce(limit: number): Rule {
  const counter = new FailureCounter(WINDOW_MS)
  return ({ event, network, now }) => {
    if (event.name !== 'request.refused' || network === undefined) return undefined
    // Over the limit of a throttle, what came is no longer said.
    const counts = event.reason === 'rate_limited' || isAttackLike(event)
    if (!counts || EXCUSED.includes(event.reason)) return undefined
    const { count } = counter.add(network, now)
    if (count !== limit) return undefined
    const detail = `${count} bad tokens of one network in a minute`
    return { rule: 'brute_force', count, windowSeconds: WINDOW_MS / 1000, detail }
  }
}
