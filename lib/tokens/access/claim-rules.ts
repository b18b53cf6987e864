import { AuthError, invalidToken } from '../../core/verdicts/errors.js'
import { ownClaim, stringClaim, stringsClaim, timeClaim, type Claims } from '../jwt/claims.js'
import type { IssuerPolicy } from '../issuers/policy.js'

export type TimeRules = Pick<IssuerPolicy, 'clockToleranceSeconds' | 'maxAgeSeconds'>

/** RFC 9068 §2.2. */
const PROFILE_CLAIMS = ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti']
/** OpenID Connect Core §2, §3.3.2.11: what an access token has no use for. */
const ID_TOKEN_CLAIMS = ['nonce', 'at_hash', 'c_hash', 's_hash']
/** Keycloak (`typ`) and Cognito (`token_use`) say in a payload claim what kind of token it is. */
const FOREIGN_KINDS = [
  ['typ', 'ID'],
  ['typ', 'Refresh'],
  ['typ', 'Offline'],
  ['typ', 'Logout'],
  ['token_use', 'id'],
] as const

/** And what they say in an ID token. */
const ID_TOKEN_KINDS = [
  ['typ', 'ID'],
  ['token_use', 'id'],
] as const

/**
 * The claim rules for an access token (RFC 7519 §4.1, RFC 8725, RFC 9068 §4). Pure: the same claims
 * at the same time get the same verdict, verified or not.
 */
export function judgeClaims(
  claims: Claims,
  policy: IssuerPolicy,
  now: number,
): AuthError | undefined {
  const times = timesOf(claims)
  if (times instanceof AuthError) return times
  return judgeTimes(times, policy, now) ?? judgeMeaning(claims, policy)
}

/** All rules but those of time. */
export function judgeMeaning(claims: Claims, policy: IssuerPolicy): AuthError | undefined {
  return judgeAudience(claims, policy) ?? judgeKind(claims, policy) ?? judgeBinding(claims)
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

function judgeAudience(claims: Claims, policy: IssuerPolicy): AuthError | undefined {
  const audience = stringsClaim(claims, 'aud')
  if (audience instanceof AuthError) return audience
  const { audiences, clientIds } = policy
  if (audiences !== undefined && !audience?.some((item) => audiences.includes(item))) {
    const got = audience === undefined ? 'no aud' : JSON.stringify(audience)
    const hint =
      audience?.length === 1 && audience[0] === 'account'
        ? '. Keycloak puts an API in "aud" only by an audience mapper of the client'
        : ''
    const expected = JSON.stringify(audiences)
    return invalidToken('wrong_audience', `Expected one of ${expected}, got ${got}${hint}`)
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

function judgeKind(claims: Claims, policy: IssuerPolicy): AuthError | undefined {
  const required = policy.profile === 'rfc9068' ? PROFILE_CLAIMS : []
  for (const name of [...required, ...policy.requiredClaims]) {
    const value = ownClaim(claims, name)
    if (value === undefined || value === null || value === '') return missingClaim(name)
  }
  for (const [name, values] of policy.expectedClaims) {
    const value = ownClaim(claims, name)
    if (typeof value === 'string' && values.includes(value)) continue
    return invalidToken('claim_mismatch', `The claim "${name}" is not ${values.join(' or ')}`)
  }
  return judgeForeignClaims(claims, policy)
}

/** Each kind of token has rules that no other satisfies (RFC 8725 §3.12). */
function judgeForeignClaims(claims: Claims, policy: IssuerPolicy): AuthError | undefined {
  if (Object.hasOwn(claims, 'events')) {
    return invalidToken(
      'not_an_access_token',
      'The claim "events" marks a logout or security event token',
    )
  }
  if (policy.profile === 'id_token') return judgeIdToken(claims, policy)
  const foreign = ID_TOKEN_CLAIMS.find((name) => Object.hasOwn(claims, name))
  if (foreign !== undefined) {
    return invalidToken(
      'not_an_access_token',
      `The claim "${foreign}" marks an ID token. Let the client send the access token`,
    )
  }
  const kind = FOREIGN_KINDS.find(([name, value]) => ownClaim(claims, name) === value)
  if (kind !== undefined) {
    return invalidToken(
      'not_an_access_token',
      `The claim "${kind[0]}" says that it is "${kind[1]}"`,
    )
  }
  return undefined
}

/** Where issuers say which client asked for a token. */
const ASKING_CLIENTS = ['azp', 'client_id', 'cid', 'appid']

/**
 * Whoever gets an access or refresh token that names us could else present it here as a login. The
 * party that an ID token was issued to must be a client of ours (OpenID Connect Core §3.1.3.7).
 */
function judgeIdToken(claims: Claims, policy: IssuerPolicy): AuthError | undefined {
  for (const [name, kind] of ID_TOKEN_KINDS) {
    const value = ownClaim(claims, name)
    if (value === undefined || value === kind) continue
    return invalidToken(
      'not_an_id_token',
      `The claim "${name}" is not "${kind}", as in an ID token`,
    )
  }
  const granted = ['scope', 'scp'].find((name) => ownClaim(claims, name) !== undefined)
  if (granted !== undefined) {
    return invalidToken('not_an_id_token', `The claim "${granted}" marks an access token`)
  }
  const accepted: readonly string[] = policy.clientIds ?? policy.audiences ?? []
  let isAskerKnown = false
  for (const name of ASKING_CLIENTS) {
    const party = stringClaim(claims, name)
    if (party instanceof AuthError) return party
    if (party !== undefined && !accepted.includes(party)) return wrongClient(name)
    isAskerKnown ||= party !== undefined
  }
  if (isAskerKnown) return undefined
  const audience = stringsClaim(claims, 'aud') ?? []
  if (audience instanceof AuthError) return audience
  return audience.length > 1
    ? invalidToken('not_an_id_token', 'It is for several audiences, and no "azp" says which asked')
    : undefined
}

function wrongClient(name: string): AuthError {
  return invalidToken(
    'wrong_client',
    `The ID token was issued to a client ("${name}") that is not configured`,
  )
}

/**
 * A token bound to a key must prove possession of it; as a plain bearer token it is stolen goods
 * (RFC 7800 §3.1, RFC 9449 §7.1). Until proof is built, it is refused.
 */
function judgeBinding(claims: Claims): AuthError | undefined {
  return ownClaim(claims, 'cnf') === undefined
    ? undefined
    : invalidToken('bound_token', 'The token is bound to a key (cnf), which is not supported yet')
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
