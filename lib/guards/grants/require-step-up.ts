import type { Auth } from '../../core/auth/auth.js'
import type { Clock } from '../../core/clock.js'
import { guardTolerance } from '../../core/auth/guard-tolerance.js'
import { optionCheck, type OptionCheck } from '../../core/options/option-check.js'
import { isScopeToken } from '../../core/auth/scope.js'
import type { ChallengeParameter } from '../../core/verdicts/challenge-parameter.js'
import { AuthError, type AuthErrorReason } from '../../core/verdicts/errors.js'
import { authGuard, type GuardOptions } from '../../http/guard/auth-guard.js'
import type { Middleware } from '../../http/guard/middleware.js'
import { ownClaim } from '../../tokens/jwt/claims.js'

export interface StepUpOptions {
  /**
   * Authentication context classes, one of which must be the token's `acr`; the first is asked for
   * before the others. @default any
   */
  readonly acr?: string | readonly string[] | undefined
  /**
   * Authentication methods (RFC 8176), all of which must be in `amr`. A challenge cannot name them, so
   * give an `acr` that brings them as well. @default any
   */
  readonly amr?: string | readonly string[] | undefined
  /** How long ago the login may be, in seconds, by `auth_time` alone; 0 is legal. @default no limit */
  readonly maxAgeSeconds?: number | undefined
}

const GUARD = 'requireStepUp'
const WORDS = 'be names without spaces, quotes and backslashes'
const LONGEST_AGE = 31_536_000

/**
 * Refuses a request unless its user logged in strongly and recently enough, and says what to log in
 * with. Mount it per route, behind `requireBearer`. It reads the claims of the token, so it costs no
 * look-up; tokens that an issuer introspects have the same.
 *
 * | refused because                                    | status | challenge                                                           |
 * | -------------------------------------------------- | ------ | ------------------------------------------------------------------- |
 * | `acr` or `amr` is another, or missing              | 401    | `error="insufficient_user_authentication"`, `acr_values`, `max_age` |
 * | `auth_time` is too long ago, or missing            | 401    | the same                                                            |
 * | anonymous (`optional: true`)                       | 401    | without `error`                                                     |
 *
 * The age is that of the login, never that of the token: refreshed tokens are always new. The clock
 * tolerance of the issuer counts.
 *
 * @example
 * app.post('/transfers', requireStepUp({ acr: ['phr', 'mfa'], maxAgeSeconds: 300 }), handler)
 *
 * @throws TypeError at construction, for an unknown option, or none of them.
 * @see RFC 9470 §3
 */
export function requireStepUp(needed: StepUpOptions, options?: GuardOptions): Middleware {
  const check = optionCheck(GUARD)
  check.known(needed, ['acr', 'amr', 'maxAgeSeconds'])
  const { maxAgeSeconds } = needed
  const acr = words(check, 'acr', needed.acr)
  const amr = words(check, 'amr', needed.amr)
  if (maxAgeSeconds !== undefined) {
    check.number('maxAgeSeconds', maxAgeSeconds, { min: 0, max: LONGEST_AGE, integer: true })
  }
  if (acr === undefined && amr === undefined && maxAgeSeconds === undefined) {
    check.refuse('needed', 'name acr, amr or maxAgeSeconds', needed)
  }
  const challenge: ChallengeParameter[] = []
  if (acr !== undefined) challenge.push(['acr_values', acr.join(' ')])
  if (maxAgeSeconds !== undefined) challenge.push(['max_age', String(maxAgeSeconds)])

  function refusal(reason: AuthErrorReason, detail: string): AuthError {
    return new AuthError('insufficient_user_authentication', { reason, detail, challenge })
  }

  function judge(auth: Auth, _req: unknown, clock: Clock): AuthError | undefined {
    if (acr !== undefined && !acr.some((name) => names(auth, 'acr').includes(name))) {
      return refusal('login_too_weak', `Needs the acr ${acr.join(' or ')}`)
    }
    if (amr !== undefined && !amr.every((name) => names(auth, 'amr').includes(name))) {
      return refusal('login_too_weak', `Needs the amr ${amr.join(' and ')}`)
    }
    if (maxAgeSeconds === undefined || isRecent(auth, maxAgeSeconds, clock())) return undefined
    const time = ownClaim(auth.claims, 'auth_time')
    const why = typeof time === 'number' ? 'The login is older, or ahead' : 'There is no auth_time'
    return refusal('login_too_old', `${why}: needs one of the last ${maxAgeSeconds} s`)
  }

  return authGuard({ guard: GUARD, scopes: [], judge }, options)
}

/** Each comparison says what is accepted, so that a clock that answers NaN accepts nothing. */
function isRecent(auth: Auth, maxAgeSeconds: number, now: number): boolean {
  const time = ownClaim(auth.claims, 'auth_time')
  if (typeof time !== 'number') return false
  const tolerance = guardTolerance(auth) ?? 0
  return now - tolerance - time <= maxAgeSeconds && time <= now + tolerance
}

/** Some issuers send `acr` as a list, or `amr` as a text. */
function names(auth: Auth, claim: 'acr' | 'amr'): readonly unknown[] {
  const value = ownClaim(auth.claims, claim)
  return Array.isArray(value) ? value : [value]
}

function words(check: OptionCheck, option: string, value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined
  const list = check.strings(option, value)
  const bad = list.find((word) => !isScopeToken(word))
  if (bad !== undefined) check.refuse(option, WORDS, bad)
  return [...new Set(list)]
}
