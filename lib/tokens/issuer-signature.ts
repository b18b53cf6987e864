import { AuthError, invalidToken, tooCostly } from '../core/errors.js'
import { KeysUnavailable, RefetchDenied } from '../keys/key-source.js'
import { maySignFor, type VerificationKey } from '../keys/verification-key.js'
import type { CompactJwt } from './compact.js'
import type { SignatureHeader } from './header.js'
import type { IssuerPolicy } from './issuer-policy.js'
import { verifySignature } from './signature.js'

type Keys = readonly VerificationKey[]

/**
 * Verifies a token by the keys of its issuer, fetched where that is needed.
 *
 * @param mayRefetch Whether a key that is not there may cost a refetch.
 * @returns the key that verified.
 * @throws AuthError of either family.
 */
export async function verifyByIssuer(
  jwt: CompactJwt,
  { algorithm, keyId }: SignatureHeader,
  policy: IssuerPolicy,
  issuer: string,
  mayRefetch = true,
): Promise<VerificationKey> {
  const found = keysOf(() => policy.keys.find(keyId, mayRefetch))
  const keys = signingFor(issuer, found instanceof Promise ? await found : found)
  if (keys.length === 0) throw invalidToken('unknown_key', 'The issuer has no key of this "kid"')
  try {
    return await verifySignature(jwt, algorithm, keys)
  } catch (error) {
    // Without "kid", nothing but a signature that fails tells of a rotation.
    if (keyId !== undefined || !isBadSignature(error)) throw error
    const others = await keysOf(() => policy.keys.findOthers(keys, mayRefetch))
    const fitting = signingFor(issuer, others)
    if (fitting.length === 0) throw error
    return verifySignature(jwt, algorithm, fitting)
  }
}

function signingFor(issuer: string, keys: Keys): Keys {
  return keys.filter((key) => maySignFor(key, issuer))
}

/** Whether the token was forged, as far as the keys of this generation can tell. */
export function isBadSignature(error: unknown): boolean {
  return error instanceof AuthError && error.reason === 'bad_signature'
}

/** Says what it means for the request that keys cannot be had. */
function keysOf(source: () => Keys | Promise<Keys>): Keys | Promise<Keys> {
  try {
    const keys = source()
    return keys instanceof Promise ? keys.catch(refuseFor) : keys
  } catch (error) {
    return refuseFor(error)
  }
}

function refuseFor(error: unknown): never {
  if (error instanceof RefetchDenied) throw tooCostly('a refetch of keys')
  if (!(error instanceof KeysUnavailable)) throw error
  throw new AuthError('temporarily_unavailable', {
    reason: 'keys_unavailable',
    detail: error.message,
    retryAfterSeconds: error.retryAfterSeconds,
    cause: error,
  })
}
