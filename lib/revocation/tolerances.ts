import { guardTolerance } from '../core/auth/guard-tolerance.js'
import { issuerName } from './issuer-name.js'
import type { RevocationQuery } from './store.js'

/**
 * How far the clock of each issuer may be ahead of ours. A guard that tolerates more than the store
 * lets in tokens which "all tokens issued so far" would not reach, so the store follows it.
 */
export interface Tolerances {
  /** Takes note of what the guard tolerates that verified this token. */
  learn(query: RevocationQuery): void
  /** In seconds; the largest, without an issuer. */
  of(issuer: string | undefined): number
}

/** `requireBearer` accepts no clock tolerance above this, so no guard is later than a store expects. */
export const MAX_CLOCK_TOLERANCE_SECONDS = 60
const MAX_ISSUERS = 1000

export function createTolerances(ownSeconds: number): Tolerances {
  /** Only where a guard tolerates more than the store. */
  const greater = new Map<string, number>()
  let largest = ownSeconds
  /** Of issuers for which there was no room. */
  let others = ownSeconds

  return {
    learn(query) {
      const seconds = guardTolerance(query)
      // Speed alone: a guard seldom tolerates more than its store, and this is run for each check.
      if (seconds === undefined || !(seconds > ownSeconds)) return
      const issuer = issuerName(query)
      const bounded = Math.min(seconds, MAX_CLOCK_TOLERANCE_SECONDS)
      if (!(bounded > (greater.get(issuer) ?? others))) return
      largest = Math.max(largest, bounded)
      if (greater.has(issuer) || greater.size < MAX_ISSUERS) greater.set(issuer, bounded)
      else others = Math.max(others, bounded)
    },
    of: (issuer) =>
      issuer === undefined ? largest : Math.max(others, greater.get(issuer) ?? ownSeconds),
  }
}
