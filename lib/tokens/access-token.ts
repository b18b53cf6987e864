import { createHash } from 'node:crypto'
import { atOnce } from '../core/app-function.js'
import type { Auth } from '../core/auth.js'
import { invalidToken, type AuthError } from '../core/errors.js'
import { sharedSet } from '../core/frozen-set.js'
import { expandScopes, splitScope } from '../core/scope.js'
import { namesAt, ownClaim, stringClaim, stringsClaim, timeClaim, type Claims } from './claims.js'
import type { CompactJwt } from './compact.js'
import type { IssuerPolicy } from './issuer-policy.js'

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

/**
 * The claim rules for an access token (RFC 7519 §4.1, RFC 8725, RFC 9068 §4). Pure: the same claims
 * at the same time get the same verdict, verified or not.
 *
 * @returns the refusal: expired tokens come in floods, and throwing one costs 1.5 us.
 * @throws AuthError `invalid_token` for a claim of another type than it must have.
 */
export function judgeClaims(
  claims: Claims,
  policy: IssuerPolicy,
  now: number,
): AuthError | undefined {
  return (
    judgeTimes(timesOf(claims), policy, now) ??
    judgeAudience(claims, policy) ??
    judgeKind(claims, policy) ??
    judgeBinding(claims)
  )
}

/** The times of a token, apart from its claims: a known token is judged by them alone. */
export interface TokenTimes {
  readonly expiresAt: number
  readonly notBefore: number | undefined
  readonly issuedAt: number | undefined
}

/** @throws AuthError `invalid_token` for a time that is no number, or no `exp`. */
export function timesOf(claims: Claims): TokenTimes {
  const expiresAt = timeClaim(claims, 'exp')
  const notBefore = timeClaim(claims, 'nbf')
  const issuedAt = timeClaim(claims, 'iat')
  if (expiresAt === undefined) throw missingClaim('exp')
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
  if (policy.profile === 'id_token') return undefined
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

/**
 * A token bound to a key must prove possession of it; as a plain bearer token it is stolen goods
 * (RFC 7800 §3.1, RFC 9449 §7.1). Until proof is built, it is refused.
 */
function judgeBinding(claims: Claims): AuthError | undefined {
  return ownClaim(claims, 'cnf') === undefined
    ? undefined
    : invalidToken('bound_token', 'The token is bound to a key (cnf), which is not supported yet')
}

/** What a verified token means to the application. Call it only with claims whose signature verified. */
export function toAuth(jwt: CompactJwt, policy: IssuerPolicy, transport: Auth['transport']): Auth {
  const { claims } = jwt
  return Object.freeze({
    issuer: stringClaim(claims, 'iss')!,
    subject: stringClaim(claims, 'sub'),
    clientId: clientIdOf(claims, policy),
    audience: Object.freeze(stringsClaim(claims, 'aud') ?? []),
    scopes: sharedSet(expandScopes(scopesOf(claims, policy), policy.scopeImplies)),
    roles: sharedSet(namesAtAll(claims, policy.rolesClaims)),
    permissions: sharedSet(namesAtAll(claims, policy.permissionsClaims)),
    tokenId: tokenIdOf(jwt, policy),
    sessionId: stringClaim(claims, policy.sessionIdClaim),
    issuedAt: timeClaim(claims, 'iat'),
    expiresAt: timeClaim(claims, 'exp')!,
    version: policy.versionClaim === undefined ? undefined : timeClaim(claims, policy.versionClaim),
    claims: deepFreeze(claims),
    transport,
  })
}

/** `scope` as RFC 8693 §4.2 writes it; lists, and the name `scp`, only outside the strict profile. */
function scopesOf(claims: Claims, policy: IssuerPolicy): readonly string[] {
  const name = policy.scopeClaims.find((candidate) => Object.hasOwn(claims, candidate))
  if (name === undefined) return []
  if (policy.profile === 'rfc9068' || typeof claims[name] === 'string') {
    return splitScope(stringClaim(claims, name) ?? '')
  }
  return (stringsClaim(claims, name) ?? []).flatMap(splitScope)
}

function namesAtAll(claims: Claims, paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) => namesAt(claims, path))
}

function clientIdOf(claims: Claims, { clientIdClaims }: IssuerPolicy): string | undefined {
  for (const name of clientIdClaims) {
    const clientId = stringClaim(claims, name)
    if (clientId !== undefined) return clientId
  }
  return undefined
}

/**
 * The name of this token in the denylist. Without an id of its own it is the hash of what was
 * signed, not of the token: an ECDSA signature has a twin that verifies as well.
 */
function tokenIdOf(jwt: CompactJwt, policy: IssuerPolicy): string {
  const id: unknown = atOnce(policy.tokenId(jwt.claims))
  if (typeof id === 'string' && id !== '') return id
  return createHash('sha256').update(jwt.signingInput).digest('base64url')
}

function deepFreeze<T extends object>(value: T): T {
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null) deepFreeze(member)
  }
  return Object.freeze(value)
}

function missingClaim(name: string): AuthError {
  return invalidToken('missing_claim', `The token has no "${name}"`)
}
