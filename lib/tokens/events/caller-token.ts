import { AuthError, invalidToken } from '../../core/verdicts/errors.js'
import { judgeTimes, timesOf, type TimeRules } from '../access/claim-rules.js'
import { stringClaim, type Claims } from '../jwt/claims.js'
import { judgeAudience, missingClaim, neededText } from './needed-claims.js'

/** The token by which a sender authorizes one request to revoke (Okta's Universal Logout). */
export interface CallerToken {
  readonly issuer: string
  readonly tokenId: string
  readonly expiresAt: number
}

export interface CallerRules extends TimeRules {
  /** All of `aud` must be among these: the URLs of the endpoint. */
  readonly audiences: readonly string[]
  /** `sub` must be one of these; undefined for any. */
  readonly clientIds: readonly string[] | undefined
}

const NOUN = 'token'
const ENDPOINTS = { share: 'all', noun: 'endpoint' } as const

/** The claim rules of a caller's token. Pure. It must be short-lived, and have a `jti`: it is good once. */
export function judgeCallerClaims(
  claims: Claims,
  rules: CallerRules,
  now: number,
): CallerToken | AuthError {
  const times = timesOf(claims)
  if (times instanceof AuthError) return times
  if (times.issuedAt === undefined) return missingClaim(NOUN, 'iat')
  const refusal =
    judgeTimes(times, rules, now) ??
    judgeAudience(claims, rules.audiences, ENDPOINTS) ??
    judgeClient(claims, rules)
  if (refusal !== undefined) return refusal
  const { maxAgeSeconds } = rules
  if (maxAgeSeconds !== undefined && times.expiresAt - times.issuedAt > maxAgeSeconds) {
    return invalidToken('too_old', `The token is good for longer than ${maxAgeSeconds} s`)
  }
  const tokenId = neededText(claims, 'jti', NOUN)
  if (tokenId instanceof AuthError) return tokenId
  const issuer = stringClaim(claims, 'iss') ?? ''
  if (issuer instanceof AuthError) return issuer
  return { issuer, tokenId, expiresAt: times.expiresAt }
}

function judgeClient(claims: Claims, { clientIds }: CallerRules): AuthError | undefined {
  if (clientIds === undefined) return undefined
  const client = stringClaim(claims, 'sub')
  if (client instanceof AuthError) return client
  if (client !== undefined && clientIds.includes(client)) return undefined
  return invalidToken('wrong_client', 'The "sub" is none of "clientId"')
}
