import { invalidToken } from '../core/errors.js'
import { ownClaim } from './claims.js'
import type { CompactJwt } from './compact.js'
import type { IssuerPolicy } from './issuer-policy.js'

/** The two header members that choose how a signature is checked. */
export interface SignatureHeader {
  readonly algorithm: string
  readonly keyId: string | undefined
}

/** A `kid` is looked up, remembered and reported, so it is kept short. */
const MAX_KEY_ID_CHARS = 512

/**
 * The JOSE header rules (RFC 7515 §4, RFC 8725 §3.1, §3.10): algorithm from the allow-list, nothing
 * critical, a `kid` that is a string. `jku`, `jwk`, `x5u` and `x5c` are never read: keys come from
 * the issuer, not from the token.
 *
 * @throws AuthError `invalid_token`
 */
export function judgeHeader({ header }: CompactJwt, policy: IssuerPolicy): SignatureHeader {
  const algorithm = ownClaim(header, 'alg')
  if (typeof algorithm !== 'string' || !policy.algorithms.has(algorithm)) {
    const named = typeof algorithm === 'string' ? algorithm : 'no algorithm'
    throw invalidToken('algorithm_not_allowed', `The token names ${named}, which is not allowed`)
  }
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) {
    throw invalidToken('critical_header', 'The token has a critical header we do not understand')
  }
  judgeType(ownClaim(header, 'typ'), policy.profile)
  const keyId = ownClaim(header, 'kid')
  if (keyId !== undefined && (typeof keyId !== 'string' || keyId.length > MAX_KEY_ID_CHARS)) {
    throw invalidToken(
      'malformed_token',
      `The "kid" is not a string of at most ${MAX_KEY_ID_CHARS} characters`,
    )
  }
  return { algorithm, keyId }
}

/**
 * `typ` tells kinds of tokens apart (RFC 8725 §3.11). RFC 9068 §4 wants `at+jwt`; most issuers send
 * `JWT` or nothing, which the lenient profile takes; a type of another kind is refused in both.
 */
function judgeType(type: unknown, profile: IssuerPolicy['profile']): void {
  if (type === undefined && profile !== 'rfc9068') return
  const name = typeof type === 'string' ? mediaType(type) : undefined
  if (name === 'jwt' && profile !== 'rfc9068') return
  if (name === 'at+jwt' && profile !== 'id_token') return
  throw invalidToken('wrong_type', `The token's "typ" is not one of the profile '${profile}'`)
}

/** Without a slash, `application/` is meant, and case does not matter (RFC 7515 §4.1.9). */
function mediaType(type: string): string {
  const name = type.toLowerCase()
  return name.startsWith('application/') ? name.slice('application/'.length) : name
}
