import { AuthError, invalidToken } from '../../core/verdicts/errors.js'
import { isRecord } from '../../core/values.js'
import { judgeTimes } from '../access/claim-rules.js'
import { judgeAudience, missingClaim, neededText } from './needed-claims.js'
import { ownClaim, presentClaim, timeClaim, type Claims } from '../jwt/claims.js'

/** What a verified security event token says (RFC 8417): one event, of one subject. */
export interface SecurityEvent {
  /** The transmitter: not always the issuer of the subject. */
  readonly issuer: string
  readonly tokenId: string
  readonly issuedAt: number
  /** When it happened, in seconds: never after `issuedAt`. */
  readonly happenedAt: number
  /** The name of the event, a URI. */
  readonly type: string
  readonly payload: Claims
  /** As it came: `sub_id`, else what older transmitters put into the event. */
  readonly subject: unknown
}

export interface SecurityEventRules {
  /** At least one must be in `aud`. */
  readonly audiences: readonly string[]
  readonly clockToleranceSeconds: number
  /** Takes what drafts allowed: `sub` and `exp` beside the event. */
  readonly legacy: boolean
}

const NOUN = 'security event'
const RECEIVERS = { share: 'one', noun: 'receiver' } as const

/**
 * The claim rules for a security event token (RFC 8417 §2.2, OpenID SSF 1.0 §4.1). Pure. There is no
 * oldest acceptable one: transmitters keep events for days while a receiver is down, and an old event
 * revokes only what was issued before it.
 */
export function judgeSecurityEvent(
  claims: Claims,
  rules: SecurityEventRules,
  now: number,
): SecurityEvent | AuthError {
  const issuer = neededText(claims, 'iss', NOUN)
  if (issuer instanceof AuthError) return issuer
  const tokenId = neededText(claims, 'jti', NOUN)
  if (tokenId instanceof AuthError) return tokenId
  const issuedAt = timeClaim(claims, 'iat')
  if (issuedAt instanceof AuthError) return issuedAt
  if (issuedAt === undefined) return missingClaim(NOUN, 'iat')
  const refusal =
    judgeForbidden(claims, rules, now) ??
    judgeTimes(
      { expiresAt: Number.POSITIVE_INFINITY, notBefore: undefined, issuedAt },
      { clockToleranceSeconds: rules.clockToleranceSeconds, maxAgeSeconds: undefined },
      now,
    ) ??
    judgeAudience(claims, rules.audiences, RECEIVERS)
  if (refusal !== undefined) return refusal
  const event = onlyEvent(claims)
  if (event instanceof AuthError) return event
  const happenedAt = whenItHappened(claims, event.payload, issuedAt)
  if (happenedAt instanceof AuthError) return happenedAt
  const subject = presentClaim(claims, 'sub_id') ?? presentClaim(event.payload, 'subject')
  return { issuer, tokenId, issuedAt, happenedAt, ...event, subject }
}

/** SSF §4.1.2 and §4.1.7: neither is there, so that nobody takes the event for another kind of token. */
function judgeForbidden(
  claims: Claims,
  { legacy, clockToleranceSeconds }: SecurityEventRules,
  now: number,
): AuthError | undefined {
  for (const name of ['sub', 'exp']) {
    if (!legacy && Object.hasOwn(claims, name)) return malformed(`It has the claim "${name}"`)
  }
  const expiresAt = timeClaim(claims, 'exp')
  if (expiresAt instanceof AuthError) return expiresAt
  if (expiresAt === undefined || now - clockToleranceSeconds < expiresAt) return undefined
  return invalidToken('expired', `The security event expired ${Math.ceil(now - expiresAt)} s ago`)
}

/** RFC 8417 §2.2 allows several views of one event; the CAEP interoperability profile §2.8.1 does not. */
function onlyEvent(claims: Claims): Pick<SecurityEvent, 'type' | 'payload'> | AuthError {
  const events = ownClaim(claims, 'events')
  if (!isRecord(events)) return malformed('It has no object "events"')
  const [[type, payload] = ['', undefined], ...others] = Object.entries(events)
  if (others.length > 0) return malformed(`It has ${others.length + 1} events in place of one`)
  if (!URL.canParse(type) || !isRecord(payload)) {
    return malformed('Its "events" does not hold the URI of an event with an object')
  }
  return { type, payload }
}

/**
 * `event_timestamp` of CAEP §2, else `toe` of RFC 8417, else `iat`. Nothing is told of before it
 * happens: a later time, in milliseconds perhaps, would revoke what users get by their next login.
 */
function whenItHappened(claims: Claims, payload: Claims, issuedAt: number): number | AuthError {
  const timestamp = timeClaim(payload, 'event_timestamp')
  if (timestamp instanceof AuthError) return timestamp
  const time = timestamp ?? timeClaim(claims, 'toe') ?? issuedAt
  return time instanceof AuthError ? time : Math.max(0, Math.min(time, issuedAt))
}

function malformed(detail: string): AuthError {
  return invalidToken('malformed_event', detail)
}
