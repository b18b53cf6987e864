import { createHash } from 'node:crypto'
import { atOnce } from '../../core/app-function.js'
import type { Auth } from '../../core/auth.js'
import { frozenSet } from '../../core/frozen-set.js'
import { expandScopes, splitScope } from '../../core/scope.js'
import { clientIdOf } from './claim-rules.js'
import { namesAt, stringClaim, stringsClaim, timeClaim, type Claims } from '../jwt/claims.js'
import type { CompactJwt } from '../jwt/compact.js'
import type { IssuerPolicy } from '../issuers/policy.js'
import { freezeAndWeigh, weightOfSets, weightOfText } from './token-weight.js'

/** What a verified token means to the application, and how much memory it takes. */
export interface TokenMeaning {
  readonly auth: Auth
  /** At or above the heap of `auth`. */
  readonly bytes: number
}

/** Call it only with claims whose signature verified. */
export function toAuth(
  jwt: CompactJwt,
  policy: IssuerPolicy,
  transport: Auth['transport'],
): TokenMeaning {
  const { claims } = jwt
  const issuer = stringClaim(claims, 'iss')!
  const claimBytes = freezeAndWeigh(claims)
  const auth: Auth = Object.freeze({
    issuer,
    revocationIssuer: policy.revocationIssuers.get(issuer) ?? issuer,
    subject: stringClaim(claims, 'sub'),
    clientId: clientIdOf(claims, policy),
    audience: Object.freeze(stringsClaim(claims, 'aud') ?? []),
    scopes: frozenSet(expandScopes(scopesOf(claims, policy), policy.scopeImplies)),
    roles: frozenSet(namesAtAll(claims, policy.rolesClaims)),
    permissions: frozenSet(namesAtAll(claims, policy.permissionsClaims)),
    tokenId: tokenIdOf(jwt, policy),
    sessionId: stringClaim(claims, policy.sessionIdClaim),
    issuedAt: timeClaim(claims, 'iat'),
    expiresAt: timeClaim(claims, 'exp')!,
    version: policy.versionClaim === undefined ? undefined : timeClaim(claims, policy.versionClaim),
    claims,
    transport,
  })
  return { auth, bytes: claimBytes + weightOfText(jwt.payload) + weightOfSets(auth) }
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

/**
 * The name of this token in the denylist. Without an id of its own it is the hash of what was
 * signed, not of the token: an ECDSA signature has a twin that verifies as well.
 */
function tokenIdOf(jwt: CompactJwt, policy: IssuerPolicy): string {
  const id: unknown = atOnce(policy.tokenId(jwt.claims))
  if (typeof id === 'string' && id !== '') return id
  return createHash('sha256').update(jwt.signingInput).digest('base64url')
}
