import { isDeepStrictEqual } from 'node:util'
import type { Auth } from '../../../core/auth/auth.js'
import { VerifiedAuth } from '../../../core/auth/verified-auth.js'
import { AuthError, invalidToken } from '../../../core/verdicts/errors.js'
import { judgeMeaning, judgeTimes, timesOf, type TokenTimes } from '../../access/claim-rules.js'
import { toAuth, type TokenMeaning } from '../../access/to-auth.js'
import type { IssuerPolicy } from '../../issuers/policy/policy.js'
import { ownClaim, presentClaim, stringClaim, type Claims } from '../../jwt/claims.js'
import type { Answer } from '../asking/answer.js'

/** What was asked about: an opaque token, or a JWT that was verified before. */
export interface AskedToken {
  readonly token: string
  readonly transport: Auth['transport']
  readonly verified: Auth | undefined
  /** Whether nothing in the answer need tell it from a refresh token. */
  readonly mayLackType: boolean
}

/**
 * What the issuer signed into a JWT stays as signed: who the token is of, for whom, and for how long. The
 * answer says what it grants, and fills in what a short JWT leaves out.
 */
const SIGNED: readonly string[] = [
  'iss',
  'sub',
  'aud',
  'client_id',
  'azp',
  'act',
  'jti',
  'sid',
  'exp',
  'iat',
  'nbf',
  'cnf',
]

/**
 * The rules for an answer (RFC 7662 §2.2, §4): those of access tokens, and besides that it is active and of
 * a type that may be presented. A member that is not in the answer was not checked by us: only its
 * issuer may be left out, because we know whom we asked.
 */
export function meaningOf(
  answer: Answer,
  asked: AskedToken,
  policy: IssuerPolicy,
  now: number,
): TokenMeaning | AuthError {
  if (!answer.active) return invalidToken('inactive_token', 'The issuer says it is not active')
  const claims = { ...issuerOf(policy), ...asked.verified?.claims, ...answer.claims }
  const issuer = stringClaim(claims, 'iss')
  if (issuer instanceof AuthError) return issuer
  if (issuer === undefined || !policy.issuers.includes(issuer)) {
    return invalidToken('unknown_issuer', 'The answer names another issuer than the one asked')
  }
  const times = timesIn(claims, policy)
  if (times instanceof AuthError) return times
  // RFC 9068 is about JWTs: an answer has other members, and what it must have is configured.
  const rules = { ...policy, profile: 'lenient' } as const
  const refusal =
    judgeTimes(times, policy, now) ??
    judgeType(claims, policy, asked.mayLackType) ??
    judgeMeaning(claims, rules)
  if (refusal !== undefined) return refusal
  return read(claims, asked, rules, times)
}

/** A guard with one issuer alone knows whose the answer is. */
function issuerOf({ issuers, revocationIssuers }: IssuerPolicy): { readonly iss?: string } {
  const isOne = new Set(revocationIssuers.values()).size === 1
  return isOne && issuers[0] !== undefined ? { iss: issuers[0] } : {}
}

/**
 * `exp` is optional (RFC 7662 §2.2). A token without it lives until it is too old by `maxAgeSeconds`, else
 * for ever as far as we know; a denylist then says that it cannot remember it for so long.
 */
function timesIn(
  claims: Claims,
  { maxAgeSeconds = Infinity }: IssuerPolicy,
): TokenTimes | AuthError {
  if (ownClaim(claims, 'exp') !== undefined) return timesOf(claims)
  const times = timesOf({ ...claims, exp: 0 })
  if (times instanceof AuthError) return times
  return { ...times, expiresAt: (times.issuedAt ?? Infinity) + maxAgeSeconds }
}

const ACCESS_TYPES = ['bearer', 'access_token']
const ACCESS_USES = ['access', 'access_token']

const UNTOLD =
  'With "audience: false", the answer must have a "token_type": by it a refresh token is told. For an ' +
  'endpoint that knows access tokens alone, set "introspection.dangerouslyAllowMissingTokenType"'

/**
 * Endpoints answer about refresh tokens too, and what tells them apart is `token_type` or `token_use`. Where
 * no audience does either, one of these must be there.
 */
function judgeType(
  claims: Claims,
  { audiences }: IssuerPolicy,
  mayLackType: boolean,
): AuthError | undefined {
  const type = stringClaim(claims, 'token_type')
  if (type instanceof AuthError) return type
  const use = stringClaim(claims, 'token_use')
  if (use instanceof AuthError) return use
  if (use !== undefined && !ACCESS_USES.includes(use)) {
    return invalidToken('not_an_access_token', 'The "token_use" of the answer is not access_token')
  }
  if (type?.toLowerCase() === 'dpop') {
    return ownClaim(claims, 'cnf') === undefined
      ? invalidToken('bound_token', 'The answer says DPoP, and not by which key ("cnf")')
      : undefined
  }
  if (type !== undefined && !ACCESS_TYPES.includes(type.toLowerCase())) {
    return invalidToken('wrong_type', 'The "token_type" of the answer is not Bearer')
  }
  const isTold = type !== undefined || use !== undefined || audiences !== undefined || mayLackType
  return isTold ? undefined : invalidToken('missing_claim', UNTOLD)
}

function read(
  claims: Claims,
  { token, transport, verified }: AskedToken,
  rules: IssuerPolicy,
  times: TokenTimes,
): TokenMeaning | AuthError {
  if (verified === undefined) {
    const text = { claims, payload: JSON.stringify(claims), signingInput: token }
    return toAuth(text, rules, transport, times)
  }
  const [signed, told] = [verified.claims, claims].map((from) => presentClaim(from, 'cnf'))
  if (signed !== undefined && told !== undefined && !isDeepStrictEqual(signed, told)) {
    return invalidToken('bound_token', 'The token and the answer bind it to different keys')
  }
  const kept = { ...claims }
  for (const name of SIGNED)
    if (Object.hasOwn(verified.claims, name)) kept[name] = verified.claims[name]
  const earlier = { ...times, expiresAt: Math.min(times.expiresAt, verified.expiresAt) }
  const text = { claims: kept, payload: JSON.stringify(kept), signingInput: '' }
  const meaning = toAuth(text, rules, transport, earlier)
  if (meaning instanceof AuthError) return meaning
  // Without `jti` it is the hash of what was signed.
  const auth = { ...meaning.auth, tokenId: verified.tokenId }
  return { ...meaning, auth: new VerifiedAuth(auth, rules.clockToleranceSeconds) }
}
