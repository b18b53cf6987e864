import { AuthError, invalidToken } from '../../../core/verdicts/errors.js'
import { isRecord } from '../../../core/values.js'
import { decodeText } from '../../jwt/base64url.js'
import { isEncrypted } from '../../jwt/encrypted.js'

/** No issuer makes a longer one that only names what it knows. */
const MAX_OPAQUE_CHARS = 8192
/** RFC 6750 §2.1. The two classes are disjoint, so a match is linear in the input. */
const TOKEN68 = /^[A-Za-z0-9\-._~+/]+=*$/

/**
 * Whether a token says nothing to us: no JWT, or one that is encrypted to somebody else.
 *
 * @param opensTokens Whether there are decryption keys.
 */
export function isOpaque(token: string, opensTokens: boolean): boolean {
  if (isEncrypted(token)) return !opensTokens
  const parts = token.split('.', 4)
  return parts.length !== 3 || !isHeader(parts[0] ?? '')
}

/** Three parts are not enough: an opaque token may have dots as well. */
function isHeader(segment: string): boolean {
  if (!segment.startsWith('e')) return false
  try {
    return isRecord(JSON.parse(decodeText(segment) ?? ''))
  } catch {
    return false
  }
}

/** Why a token is not worth asking about: no issuer makes one like it. */
export function opaqueRefusal(token: string): AuthError | undefined {
  if (token.length > MAX_OPAQUE_CHARS) {
    // 400 and not 401: another login brings a token of the same size.
    return new AuthError('invalid_request', {
      reason: 'token_too_large',
      detail: `An opaque token is longer than ${MAX_OPAQUE_CHARS} characters`,
    })
  }
  return TOKEN68.test(token)
    ? undefined
    : invalidToken('malformed_token', 'The token has characters that no token has')
}
