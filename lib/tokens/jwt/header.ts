import { printable } from '../../core/events/events.js'
import { invalidToken, type AuthError } from '../../core/verdicts/errors.js'
import { ownClaim } from './claims.js'
import type { CompactJwt } from './compact.js'

/** Kinds of tokens that an API takes. */
export type TokenProfile = 'lenient' | 'rfc9068' | 'id_token'

/** What the header of one kind of token must satisfy. */
export interface HeaderRules {
  readonly algorithms: ReadonlySet<string>
  readonly profile:
    | TokenProfile
    | 'logout_token'
    | 'token_introspection'
    | 'security_event'
    | 'untyped_event'
    | 'global_token_revocation'
}

/** The header members that choose how a signature is checked, and what the token calls itself. */
export interface SignatureHeader {
  readonly algorithm: string
  readonly keyId: string | undefined
  /** `typ` in lower case, without `application/`. */
  readonly type: string | undefined
}

/**
 * `typ` tells kinds of tokens apart (RFC 8725 §3.11). RFC 9068 §4 wants `at+jwt`, and Back-Channel
 * Logout §2.4 likes `logout+jwt`; most issuers send `JWT` or nothing, which every other profile
 * takes; a type of another kind is refused in all.
 */
const TYPES: Readonly<Record<HeaderRules['profile'], readonly (string | undefined)[]>> = {
  lenient: [undefined, 'jwt', 'at+jwt'],
  rfc9068: ['at+jwt'],
  id_token: [undefined, 'jwt'],
  logout_token: [undefined, 'jwt', 'logout+jwt'],
  token_introspection: ['token-introspection+jwt'],
  security_event: ['secevent+jwt'],
  untyped_event: [undefined, 'jwt', 'secevent+jwt'],
  global_token_revocation: ['global-token-revocation+jwt'],
}

/** A `kid` is looked up, remembered and reported, so it is kept short. */
const MAX_KEY_ID_CHARS = 512

/**
 * The JOSE header rules (RFC 7515 §4, RFC 8725 §3.1, §3.10): algorithm from the allow-list, nothing
 * critical, a `kid` that is a string. `jku`, `jwk`, `x5u` and `x5c` are never read: keys come from
 * the issuer, not from the token.
 */
export function judgeHeader(
  { header }: CompactJwt,
  rules: HeaderRules,
): SignatureHeader | AuthError {
  const algorithm = ownClaim(header, 'alg')
  if (typeof algorithm !== 'string' || !rules.algorithms.has(algorithm)) {
    return invalidToken('algorithm_not_allowed', explainAlgorithm(algorithm, rules))
  }
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) {
    return invalidToken('critical_header', 'The token has a critical header we do not understand')
  }
  const typ = ownClaim(header, 'typ')
  const type = mediaType(typ)
  if (!TYPES[rules.profile].includes(type)) {
    return invalidToken('wrong_type', explainType(typ, rules))
  }
  const keyId = ownClaim(header, 'kid')
  if (keyId !== undefined && (typeof keyId !== 'string' || keyId.length > MAX_KEY_ID_CHARS)) {
    return invalidToken(
      'malformed_token',
      `The "kid" is not a string of at most ${MAX_KEY_ID_CHARS} characters`,
    )
  }
  return { algorithm, keyId, type }
}

/** Names the option that would let it pass. The algorithm is whatever the sender wrote. */
function explainAlgorithm(algorithm: unknown, { algorithms }: HeaderRules): string {
  const named = typeof algorithm === 'string' ? printable(algorithm, 40) : 'no algorithm'
  const said = `The token names ${named}, which is not allowed`
  const takesSecrets = algorithms.has('HS256') || algorithms.has('HS384') || algorithms.has('HS512')
  if (/^HS\d{3}$/.test(named) && !takesSecrets)
    return `${said}: it is signed with a shared "secret"`
  return `${said}. Allowed: ${[...algorithms].join(', ')}; see "algorithms"`
}

/** The type is whatever the sender wrote. */
function explainType(typ: unknown, { profile }: HeaderRules): string {
  const named = typ === undefined ? 'missing' : 'no text'
  const shown = typeof typ === 'string' ? `"${printable(typ, 40)}"` : named
  const taken = TYPES[profile].map((type) => type ?? 'none')
  return `The token's "typ" is ${shown}; the profile '${profile}' takes ${taken.join(' or ')}`
}

/** Without a slash, `application/` is meant, and case does not matter (RFC 7515 §4.1.9). */
export function mediaType(type: unknown): string | undefined {
  if (type === undefined) return undefined
  const name = typeof type === 'string' ? type.toLowerCase() : '?'
  return name.startsWith('application/') ? name.slice('application/'.length) : name
}
