import { AuthError, invalidToken } from '../../core/verdicts/errors.js'
import { ownClaim, stringClaim, stringsClaim, timeClaim, type Claims } from '../jwt/claims.js'
import type { IssuerPolicy } from '../issuers/policy/policy.js'
import { audienceHint } from '../issuers/presets/hints.js'
import { judgeKind } from './token-kind.js'

export type TimeRules = Pick<IssuerPolicy, 'clockToleranceSeconds' | 'maxAgeSeconds'>

/** RFC 9068 §2.2. */
const PROFILE_CLAIMS = ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti']
/**
 * The claim rules for an access token (RFC 7519 §4.1, RFC 8725, RFC 9068 §4). Pure: the same claims
 * at the same time get the same verdict, verified or not.
 *
 * @param type The `typ` of the header, in lower case. @default none
 */
export function judgeClaims(
  claims: Claims,
  policy: IssuerPolicy,
  now: number,
  type?: string,
): AuthError | undefined {
  const times = timesOf(claims)
  if (times instanceof AuthError) return times
  return judgeTimes(times, policy, now) ?? judgeMeaning(claims, policy, type)
}

/** All rules but those of time. */
export function judgeMeaning(
  claims: Claims,
  policy: IssuerPolicy,
  type?: string,
): AuthError | undefined {
  const audience = judgeAudience(claims, policy)
  // The audience of an ID token is a client: whoever reads of it would add that client to "audience".
  if (audience?.reason === 'wrong_audience' && policy.profile !== 'id_token') {
    return judgeKind(claims, policy, type) ?? audience
  }
  return audience ?? judgeRequired(claims, policy) ?? judgeKind(claims, policy, type)
}

/** The times of a token, apart from its claims: a known token is judged by them alone. */
export interface TokenTimes {
  readonly expiresAt: number
  readonly notBefore: number | undefined
  readonly issuedAt: number | undefined
}

/** The refusal for a time that is no number, or no `exp`. */
export function timesOf(claims: Claims): TokenTimes | AuthError {
  const expiresAt = timeClaim(claims, 'exp')
  if (expiresAt instanceof AuthError) return expiresAt
  const notBefore = timeClaim(claims, 'nbf')
  if (notBefore instanceof AuthError) return notBefore
  const issuedAt = timeClaim(claims, 'iat')
  if (issuedAt instanceof AuthError) return issuedAt
  if (expiresAt === undefined) return missingClaim('exp')
  return { expiresAt, notBefore, issuedAt }
}

/**
 * `exp`, `nbf`, `iat` and the maximum age; judged again whenever time may have passed. Each
 * comparison says what is accepted, so that a clock that answers NaN accepts nothing.
 */
export function judgeTimes(
  times: TokenTimes,
  policy: TimeRules,
  now: number,
): AuthError | undefined {
  const tolerance = policy.clockToleranceSeconds
  const { expiresAt, notBefore, issuedAt } = times
  if (!(now - tolerance < expiresAt)) {
    return invalidToken('expired', `The token expired ${Math.ceil(now - expiresAt)} s ago`)
  }
  if (notBefore !== undefined && !(notBefore <= now + tolerance)) {
    return invalidToken('not_yet_valid', `The token is valid in ${Math.ceil(notBefore - now)} s`)
  }
  if (issuedAt !== undefined && !(issuedAt <= now + tolerance)) {
    const ahead = Math.ceil(issuedAt - now)
    return invalidToken('issued_in_future', `The token was issued ${ahead} s ahead of our clock`)
  }
  if (policy.maxAgeSeconds === undefined) return undefined
  if (issuedAt === undefined) return missingClaim('iat')
  if (!(now - tolerance - issuedAt <= policy.maxAgeSeconds)) {
    return invalidToken('too_old', `The token is older than ${policy.maxAgeSeconds} s`)
  }
  return undefined
}

function isNamed(
  audience: string,
  audiences: readonly string[],
  { audienceMatch }: IssuerPolicy,
): boolean {
  if (audiences.includes(audience)) return true
  return audienceMatch === 'uri' && audiences.map(canonical).includes(canonical(audience))
}

/** RFC 3986 §6.2.2.1: in scheme and host, case says nothing. */
function canonical(uri: string): string {
  return uri.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, (start) => start.toLowerCase())
}

function judgeAudience(claims: Claims, policy: IssuerPolicy): AuthError | undefined {
  const audience = stringsClaim(claims, 'aud')
  if (audience instanceof AuthError) return audience
  const { audiences, clientIds } = policy
  if (audiences !== undefined && !audience?.some((item) => isNamed(item, audiences, policy))) {
    const got = audience === undefined ? 'no aud' : JSON.stringify(audience)
    const expected = JSON.stringify(audiences)
    return invalidToken(
      'wrong_audience',
      `Expected one of ${expected}, got ${got}${audienceHint(audience ?? [])}`,
    )
  }
  if (audiences === undefined && clientIds === undefined && audience !== undefined) {
    const got = JSON.stringify(audience)
    return invalidToken('wrong_audience', `Expected no "aud", got ${got}. Name ours in "audience"`)
  }
  if (clientIds === undefined) return undefined
  if (audiences === undefined && audience?.some((item) => clientIds.includes(item))) {
    return invalidToken('not_an_access_token', 'Its audience is the client, as in an ID token')
  }
  const clientId = clientIdOf(claims, policy)
  if (clientId instanceof AuthError) return clientId
  if (clientId === undefined || !clientIds.includes(clientId)) {
    return invalidToken('wrong_client', 'The token was issued to a client that is not configured')
  }
  return undefined
}

function judgeRequired(claims: Claims, policy: IssuerPolicy): AuthError | undefined {
  const required = policy.profile === 'rfc9068' ? PROFILE_CLAIMS : []
  for (const name of [...required, ...policy.requiredClaims]) {
    const value = ownClaim(claims, name)
    if (value === undefined || value === null || value === '') return missingClaim(name)
  }
  for (const [name, values] of policy.expectedClaims) {
    const value = ownClaim(claims, name)
    const items: readonly unknown[] = Array.isArray(value) ? value : [value]
    if (values.some((expected) => items.includes(expected))) continue
    return invalidToken('claim_mismatch', `The claim "${name}" is not ${values.join(' or ')}`)
  }
  return undefined
}

export function clientIdOf(
  claims: Claims,
  { clientIdClaims }: IssuerPolicy,
): string | undefined | AuthError {
  for (const name of clientIdClaims) {
    const clientId = stringClaim(claims, name)
    if (clientId !== undefined) return clientId
  }
  return undefined
}

function missingClaim(name: string): AuthError {
  return invalidToken('missing_claim', `The token has no "${name}"`)
}
