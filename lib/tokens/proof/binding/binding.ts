import { AuthError, invalidToken } from '../../../core/verdicts/errors.js'
import { isRecord } from '../../../core/values.js'
import { ownClaim, presentClaim, type Claims } from '../../jwt/claims.js'

/** What a token is bound to (RFC 7800 §3.1): at least one of these, and each must be proven. */
export interface Binding {
  /** `jkt`, the thumbprint of the key of a client (RFC 9449 §6). */
  readonly keyThumbprint: string | undefined
  /** `x5t#S256`, the thumbprint of the certificate of a client (RFC 8705 §3.1). */
  readonly certificateThumbprint: string | undefined
}

/** SHA-256 in base64url: 32 bytes, of whose last character two bits are zero. */
const THUMBPRINT = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/

const KEY = 'jkt'
const CERTIFICATE = 'x5t#S256'

/**
 * Reads `cnf`, undefined where the token has none. A method of confirmation that nobody here knows is
 * a refusal: the issuer meant the token for none but the holder of something.
 */
export function bindingOf(claims: Claims): Binding | undefined | AuthError {
  const confirmation = presentClaim(claims, 'cnf')
  if (confirmation === undefined) return undefined
  if (!isRecord(confirmation) || Object.keys(confirmation).length === 0) {
    return unprovable('its "cnf" names no key')
  }
  const unknown = Object.keys(confirmation).some((name) => name !== KEY && name !== CERTIFICATE)
  if (unknown) return unprovable('its "cnf" has a member that is neither "jkt" nor "x5t#S256"')
  const keyThumbprint = thumbprint(confirmation, KEY)
  if (keyThumbprint instanceof AuthError) return keyThumbprint
  const certificateThumbprint = thumbprint(confirmation, CERTIFICATE)
  if (certificateThumbprint instanceof AuthError) return certificateThumbprint
  return { keyThumbprint, certificateThumbprint }
}

function thumbprint(
  confirmation: Readonly<Record<string, unknown>>,
  name: string,
): string | undefined | AuthError {
  const value = ownClaim(confirmation, name)
  if (value === undefined) return undefined
  if (typeof value === 'string' && THUMBPRINT.test(value)) return value
  return unprovable(`the "${name}" in its "cnf" is not SHA-256 in base64url`)
}

function unprovable(why: string): AuthError {
  return invalidToken('bound_token', `The token is bound to a key, and ${why}`)
}
