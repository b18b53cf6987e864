import type { OptionCheck } from '../core/options/option-check.js'
import type { JudgedToken, RevocationVerdict } from './store.js'
import { createTolerances, MAX_CLOCK_TOLERANCE_SECONDS, type Tolerances } from './tolerances.js'

/** How long each kind of revocation must be remembered. Shared by every store. */
export interface LifetimeOptions {
  /**
   * Longest life of a token, `exp - iat`, in seconds. A longer-lived one is refused: it could
   * outlive a mark that covers it. @default 2592000 (30 days)
   */
  readonly maxTokenLifetimeSeconds?: number | undefined
  /** How long a revoked session may still get new tokens, in seconds. @default 2592000 (30 days) */
  readonly sessionLifetimeSeconds?: number | undefined
  /**
   * How far the issuer's clock may be ahead of ours, in seconds, 0 to 60: "all tokens issued so far"
   * reaches so far into the future. A guard in front that tolerates more is followed, from the first
   * token on that it lets through to the store. @default 5
   */
  readonly clockToleranceSeconds?: number | undefined
}

export const LIFETIME_OPTION_NAMES: readonly (keyof LifetimeOptions)[] = [
  'maxTokenLifetimeSeconds',
  'sessionLifetimeSeconds',
  'clockToleranceSeconds',
]

export interface Lifetimes {
  readonly maxTokenSeconds: number
  readonly tolerances: Tolerances
  /** Longer than any revocation is remembered. */
  readonly retentionSeconds: number
  /** When a revoked token, by its `exp`, may be forgotten: no later than any session. */
  tokenUntil(expiresAt: number, now: number): number
  sessionUntil(now: number): number
  /** When a mark over many tokens may be forgotten. */
  markUntil(notBefore: number, now: number): number
  /**
   * Until when an entry is kept that is needed until that second: a little longer, so that the same
   * revocation a little later changes nothing. Whoever repeats one without end would otherwise fill
   * the log that replicas read.
   */
  keptUntil(until: number, now: number): number
  /**
   * The second up to which a mark revokes. Without `issuedBefore`, what its issuer issued so far: a
   * whole second, or each repetition would move the mark; rounded up, because `iat` may have a fraction.
   *
   * @throws TypeError where `issuedBefore` is no time, or further ahead than it could be remembered.
   */
  notBefore(issuer: string | undefined, now: number, issuedBefore?: number): number
  /** True for a token that lives longer than marks are remembered. */
  exceeds(token: JudgedToken, now: number): boolean
}

/** What becomes of a token that `exceeds`. */
export const REFUSED_BY_LIFETIME: RevocationVerdict = Object.freeze({
  revoked: true,
  by: 'lifetime',
})

/** A store that expires an entry a moment early would accept the token for that moment. */
const MARGIN_SECONDS = 1
const YEAR_SECONDS = 31_536_000
/** Of the time for which an entry is needed. */
const KEPT_LONGER = 0.01

export function compileLifetimes(check: OptionCheck, options: LifetimeOptions): Lifetimes {
  const seconds = (name: keyof LifetimeOptions, fallback: number, max: number): number =>
    check.number(name, options[name], { fallback, min: 0, max })
  const maxTokenSeconds = seconds('maxTokenLifetimeSeconds', 2_592_000, YEAR_SECONDS)
  const sessionSeconds = seconds('sessionLifetimeSeconds', 2_592_000, 10 * YEAR_SECONDS)
  const tolerance = seconds('clockToleranceSeconds', 5, MAX_CLOCK_TOLERANCE_SECONDS)
  const tolerances = createTolerances(tolerance)
  const leeway = MAX_CLOCK_TOLERANCE_SECONDS + MARGIN_SECONDS
  return {
    maxTokenSeconds,
    tolerances,
    retentionSeconds: (sessionSeconds + maxTokenSeconds + 3 * leeway) * (1 + KEPT_LONGER),
    // A token that lives too long is refused only until the option is raised, or, without `iat`, until
    // little of its life is left. The log of replicas is the limit.
    tokenUntil: (expiresAt, now) =>
      Math.min(expiresAt, now + sessionSeconds + maxTokenSeconds + leeway) + leeway,
    sessionUntil: (now) => now + sessionSeconds + maxTokenSeconds + leeway,
    markUntil: (notBefore, now) => Math.max(notBefore, now) + maxTokenSeconds + leeway,
    keptUntil: (until, now) => until + Math.max(0, until - now) * KEPT_LONGER,
    notBefore(issuer, now, issuedBefore) {
      if (issuedBefore === undefined) return Math.ceil(now + tolerances.of(issuer))
      if (Number.isFinite(issuedBefore) && issuedBefore <= now + sessionSeconds + leeway) {
        return Math.max(0, issuedBefore)
      }
      throw new TypeError(
        `"issuedBefore" of a revocation must be a time in seconds, no further ahead than "sessionLifetimeSeconds", got ${issuedBefore}`,
      )
    },
    exceeds: ({ issuedAt, expiresAt }, now) => expiresAt - (issuedAt ?? now) > maxTokenSeconds,
  }
}
