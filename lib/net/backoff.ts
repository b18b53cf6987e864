import { messageOf } from '../core/values.js'
import { FetchError } from './fetch-error.js'

/** A failed refresh of keys, and when the next one is due. Times are the Timer's, in milliseconds. */
export interface Failure {
  readonly message: string
  /** How many failed in a row. */
  readonly count: number
  /** When to try again in the background. */
  readonly retryAt: number
  /** When a request that cannot do without may ask again. Until then it is told to come back. */
  readonly askAgainAt: number
}

const FIRST_MS = 1000
const MAX_MS = 60_000
/** Somebody is waiting, so the issuer is asked again soon after it may have come back. */
const MAX_WHILE_WAITED_FOR_MS = 5000

/**
 * What a failure leads to: 1 second, doubled each time, up to a minute. Half of it is random, so that
 * not all processes come back together. `Retry-After` is honoured, but no longer than a minute: a
 * hint from an issuer in trouble must not become our outage.
 */
export function nextFailure(previous: Failure | undefined, error: unknown, now: number): Failure {
  const count = (previous?.count ?? 0) + 1
  const asked = error instanceof FetchError ? (error.retryAfterSeconds ?? 0) * 1000 : 0
  const atLeastMs = Math.min(asked, MAX_MS)
  const backOffMs = Math.min(FIRST_MS * 2 ** (count - 1), MAX_MS) * (0.5 + Math.random() / 2)
  return {
    message: messageOf(error),
    count,
    retryAt: now + Math.max(backOffMs, atLeastMs),
    askAgainAt: now + Math.max(Math.min(backOffMs, MAX_WHILE_WAITED_FOR_MS), atLeastMs),
  }
}
