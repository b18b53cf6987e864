import { AuthError, invalidToken } from '../../core/verdicts/errors.js'
import { isRecord } from '../../core/values.js'
import { judgeTimes, timesOf, type TimeRules } from '../access/claim-rules.js'
import { ownClaim, presentClaim, timeClaim, type Claims } from '../jwt/claims.js'
import { judgeAudience, missingClaim, neededText } from './needed-claims.js'
import type { IssuerPolicy } from '../issuers/policy/policy.js'

/** What a verified logout token says: this session ended, or every session of this user. */
export interface LogoutToken {
  readonly issuer: string
  /** As in `Auth`: the same for every spelling of the issuer. */
  readonly revocationIssuer: string
  readonly subject: string | undefined
  /** `sid`. Where it is there, only this session ended. */
  readonly sessionId: string | undefined
  /** `iat`, in seconds: a later token is another login's. */
  readonly issuedAt: number
}

export interface LogoutRules extends TimeRules, Pick<IssuerPolicy, 'revocationIssuers'> {
  /** All of `aud` must be among these. */
  readonly clientIds: readonly string[]
  readonly maxAgeSeconds: number
  readonly allowMissingExp: boolean
}

const NOUN = 'logout token'
/** `aud` holds client ids here: the name of an API is a stranger, and strangers are not trusted. */
const CLIENTS = { share: 'all', noun: 'client' } as const

/** A name, not a place: http, and never fetched. */
const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'

/**
 * The claim rules for a logout token (OpenID Connect Back-Channel Logout 1.0 §2.4 and §2.6). Pure,
 * like `judgeClaims`: no claims satisfy both, since `events` is required here and refused there.
 */
export function judgeLogoutClaims(
  claims: Claims,
  rules: LogoutRules,
  now: number,
): LogoutToken | AuthError {
  const issuedAt = timeClaim(claims, 'iat')
  if (issuedAt instanceof AuthError) return issuedAt
  if (issuedAt === undefined) return missingClaim(NOUN, 'iat')
  const expiring = withExpiry(claims, issuedAt, rules)
  if (!Object.hasOwn(expiring, 'exp')) return missingClaim(NOUN, 'exp', EXP_HINT)
  const times = timesOf(expiring)
  if (times instanceof AuthError) return times
  const refusal =
    judgeTimes(times, rules, now) ??
    judgeAudience(claims, rules.clientIds, CLIENTS) ??
    judgeEvent(claims)
  if (refusal !== undefined) return refusal
  const tokenId = neededText(claims, 'jti', NOUN)
  if (tokenId instanceof AuthError) return tokenId
  const subject =
    presentClaim(claims, 'sub') === undefined ? undefined : neededText(claims, 'sub', NOUN)
  if (subject instanceof AuthError) return subject
  const sessionId =
    presentClaim(claims, 'sid') === undefined ? undefined : neededText(claims, 'sid', NOUN)
  if (sessionId instanceof AuthError) return sessionId
  if (subject === undefined && sessionId === undefined) return missingClaim(NOUN, 'sub" or "sid')
  const issuer = neededText(claims, 'iss', NOUN)
  if (issuer instanceof AuthError) return issuer
  const revocationIssuer = rules.revocationIssuers.get(issuer) ?? issuer
  return { issuer, revocationIssuer, subject, sessionId, issuedAt }
}

/** Issuers from before errata set 1 send no `exp`: then the oldest acceptable `iat` is the limit. */
function withExpiry(claims: Claims, issuedAt: number, rules: LogoutRules): Claims {
  if (!rules.allowMissingExp || Object.hasOwn(claims, 'exp')) return claims
  return { ...claims, exp: issuedAt + rules.maxAgeSeconds }
}

/** Anything else that the same issuer signs for the same client, an ID token first of all, lacks this. */
function judgeEvent(claims: Claims): AuthError | undefined {
  const events = ownClaim(claims, 'events')
  if (!isRecord(events) || !isRecord(ownClaim(events, LOGOUT_EVENT))) {
    return invalidToken('not_a_logout_token', `The claim "events" does not hold ${LOGOUT_EVENT}`)
  }
  if (Object.hasOwn(claims, 'nonce')) {
    return invalidToken('not_a_logout_token', 'The claim "nonce" marks an ID token')
  }
  return undefined
}

const EXP_HINT = '. If the issuer sends none, as Keycloak before 23.0.4 does, set "allowMissingExp"'
