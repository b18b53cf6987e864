import { compactVerify, errors } from 'jose'
import { invalidToken } from '../core/errors.js'
import type { VerificationKey } from '../keys/key-set.js'
import type { CompactJwt } from './compact.js'
import { isKeyFor, settleAlgorithm } from './key-algorithm.js'

/** Without a `kid`, each fitting key is tried: an attacker must not choose how much work that is. */
const MAX_KEYS_TRIED = 8

/**
 * Verifies the signature with one of `keys`: the one place that does. `algorithm` is already known
 * to be allowed; here it must also fit the key (RFC 8725 §3.1).
 *
 * @returns the key that verified.
 * @throws AuthError `invalid_token`
 */
export async function verifySignature(
  jwt: CompactJwt,
  algorithm: string,
  keys: readonly VerificationKey[],
): Promise<VerificationKey> {
  const fitting = keys.filter((key) => isKeyFor(key, algorithm)).slice(0, MAX_KEYS_TRIED)
  if (fitting.length === 0) {
    throw invalidToken('key_mismatch', `The key of this token is not one for ${algorithm}`)
  }
  for (const key of fitting) {
    const signed = await isSignedBy(jwt.token, algorithm, key)
    if (signed && settleAlgorithm(key, algorithm)) return key
  }
  throw invalidToken('bad_signature', 'The signature does not verify')
}

async function isSignedBy(
  token: string,
  algorithm: string,
  key: VerificationKey,
): Promise<boolean> {
  try {
    await compactVerify(token, key.keyObject, { algorithms: [algorithm] })
    return true
  } catch (error) {
    // Whatever jose finds wrong, the token is at fault: the key is ours and was checked before.
    if (error instanceof errors.JOSEError || error instanceof TypeError) return false
    throw error
  }
}
