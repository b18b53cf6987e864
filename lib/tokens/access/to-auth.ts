import { atOnce } from '../../core/app-function.js'
import type { Auth } from '../../core/auth/auth.js'
import { VerifiedAuth } from '../../core/auth/verified-auth.js'
import { noteSession } from '../../core/auth/seen-sessions.js'
import { AuthError } from '../../core/verdicts/errors.js'
import { frozenSet } from '../../core/frozen-set.js'
import { attempt } from '../../core/verdicts/outcome.js'
import { expandScopes, splitScope } from '../../core/auth/scope.js'
import { sha256 } from '../../core/sha256.js'
import { actorOf } from './actors.js'
import { clientIdOf, timesOf, type TokenTimes } from './claim-rules.js'
import {
  namesAt,
  presentClaim,
  stringClaim,
  stringsClaim,
  timeClaim,
  type Claims,
} from '../jwt/claims.js'
import type { CompactJwt } from '../jwt/compact.js'
import type { IssuerPolicy } from '../issuers/policy/policy.js'
import { freezeAndWeigh, weightOfActors, weightOfSets, weightOfText } from './token-weight.js'

/** What a verified token means to the application, and how much memory it takes. */
export interface TokenMeaning {
  readonly auth: Auth
  readonly times: TokenTimes
  /** At or above the heap of `auth`. */
  readonly bytes: number
}

/**
 * Call it only with claims whose signature verified, and that `judgeClaims` let pass.
 *
 * @param times Those of a token that its claims do not tell. @default by its claims
 * @returns the refusal for a claim of another type than it must have.
 */
export function toAuth(
  jwt: Pick<CompactJwt, 'claims' | 'payload' | 'signingInput'>,
  policy: IssuerPolicy,
  transport: Auth['transport'],
  times: TokenTimes | AuthError = timesOf(jwt.claims),
): TokenMeaning | AuthError {
  const { claims } = jwt
  const issuer = stringClaim(claims, 'iss') ?? ''
  if (issuer instanceof AuthError) return issuer
  if (times instanceof AuthError) return times
  const subject = stringClaim(claims, 'sub')
  if (subject instanceof AuthError) return subject
  const clientId = clientIdOf(claims, policy)
  if (clientId instanceof AuthError) return clientId
  const actor = actorOf(claims, issuer)
  if (actor instanceof AuthError) return actor
  const audience = stringsClaim(claims, 'aud') ?? []
  if (audience instanceof AuthError) return audience
  const scopes = scopesOf(claims, policy)
  if (scopes instanceof AuthError) return scopes
  const tokenId = tokenIdOf(jwt, policy)
  if (tokenId instanceof AuthError) return tokenId
  const sessionId = stringClaim(claims, policy.sessionIdClaim)
  if (sessionId instanceof AuthError) return sessionId
  const version =
    policy.versionClaim === undefined ? undefined : timeClaim(claims, policy.versionClaim)
  if (version instanceof AuthError) return version
  const claimBytes = freezeAndWeigh(claims)
  const auth = new VerifiedAuth(
    {
      issuer,
      revocationIssuer: policy.revocationIssuers.get(issuer) ?? issuer,
      subject,
      clientId,
      actor,
      audience: Object.freeze(audience),
      scopes: frozenSet(expandScopes(scopes, policy.scopeImplies)),
      roles: frozenSet(namesAtAll(claims, policy.rolesClaims)),
      permissions: frozenSet(namesAtAll(claims, policy.permissionsClaims)),
      tokenId,
      sessionId,
      issuedAt: times.issuedAt,
      expiresAt: times.expiresAt,
      version,
      claims,
      transport,
    },
    policy.clockToleranceSeconds,
  )
  noteSession(auth)
  const bytes =
    claimBytes + weightOfText(jwt.payload) + weightOfSets(auth) + weightOfActors(auth.actor)
  return { auth, times, bytes }
}

/** `scope` as RFC 8693 §4.2 writes it; lists, and the name `scp`, only outside the strict profile. */
function scopesOf(claims: Claims, policy: IssuerPolicy): readonly string[] | AuthError {
  const name = policy.scopeClaims.find((candidate) => presentClaim(claims, candidate) !== undefined)
  if (name === undefined) return []
  if (policy.profile === 'rfc9068' || typeof claims[name] === 'string') {
    const scope = stringClaim(claims, name) ?? ''
    return scope instanceof AuthError ? scope : splitScope(scope)
  }
  const scopes = stringsClaim(claims, name) ?? []
  return scopes instanceof AuthError ? scopes : scopes.flatMap(splitScope)
}

function namesAtAll(claims: Claims, paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) => namesAt(claims, path))
}

/**
 * The name of this token in the denylist. Without an id of its own it is the hash of what was
 * signed, not of the token: an ECDSA signature has a twin that verifies as well.
 */
function tokenIdOf(
  jwt: Pick<CompactJwt, 'claims' | 'signingInput'>,
  policy: IssuerPolicy,
): string | AuthError {
  const id: unknown = atOnce(attempt((): unknown => policy.tokenId(jwt.claims)))
  if (id instanceof AuthError) return id
  if (typeof id === 'string' && id !== '') return id
  return sha256(jwt.signingInput)
}
