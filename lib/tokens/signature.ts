import { constants, createHmac, timingSafeEqual, verify, type KeyObject } from 'node:crypto'
import { invalidToken } from '../core/errors.js'
import { pinAlgorithm, type VerificationKey } from '../keys/verification-key.js'
import type { CompactJwt } from './compact.js'
import { runInBatch } from './verify-batch.js'

/** How `node:crypto` verifies one JWS algorithm (RFC 7518 §3.1, RFC 8037 §3.1). */
interface Algorithm {
  readonly hash: string | null
  readonly padding?: number
  readonly saltLength?: number
  readonly dsaEncoding?: 'ieee-p1363'
  /** Exact length of the signature; without it, an RSA signature has the length of its modulus. */
  readonly signatureBytes?: number
}

const pss = {
  padding: constants.RSA_PKCS1_PSS_PADDING,
  saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
}

const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  RS256: { hash: 'sha256', padding: constants.RSA_PKCS1_PADDING },
  RS384: { hash: 'sha384', padding: constants.RSA_PKCS1_PADDING },
  RS512: { hash: 'sha512', padding: constants.RSA_PKCS1_PADDING },
  PS256: { hash: 'sha256', ...pss },
  PS384: { hash: 'sha384', ...pss },
  PS512: { hash: 'sha512', ...pss },
  ES256: { hash: 'sha256', dsaEncoding: 'ieee-p1363', signatureBytes: 64 },
  ES384: { hash: 'sha384', dsaEncoding: 'ieee-p1363', signatureBytes: 96 },
  ES512: { hash: 'sha512', dsaEncoding: 'ieee-p1363', signatureBytes: 132 },
  EdDSA: { hash: null, signatureBytes: 64 },
  Ed25519: { hash: null, signatureBytes: 64 },
}

const HMAC_HASHES: Readonly<Record<string, string>> = {
  HS256: 'sha256',
  HS384: 'sha384',
  HS512: 'sha512',
}

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
  const fitting = keys.filter((key) => key.algorithms.has(algorithm)).slice(0, MAX_KEYS_TRIED)
  if (fitting.length === 0) {
    throw invalidToken('key_mismatch', `The key of this token is not one for ${algorithm}`)
  }
  const data = Buffer.from(jwt.signingInput, 'latin1')
  for (const key of fitting) {
    const signed = await isSignedBy(key.keyObject, algorithm, data, jwt.signature)
    // Meanwhile another token may have settled what this key is for.
    if (signed && key.algorithms.has(algorithm)) {
      pinAlgorithm(key, algorithm)
      return key
    }
  }
  throw invalidToken('bad_signature', explain(jwt))
}

function isSignedBy(
  key: KeyObject,
  algorithm: string,
  data: Buffer,
  signature: Buffer,
): boolean | Promise<boolean> {
  const hmac = HMAC_HASHES[algorithm]
  if (hmac !== undefined) return isHmac(key, hmac, data, signature)
  const parameters = ALGORITHMS[algorithm]
  if (parameters === undefined) return false
  const { hash, signatureBytes, ...how } = parameters
  if (signatureBytes !== undefined && signature.length !== signatureBytes) return false
  if (!isSlow(algorithm, key)) {
    return runInBatch(() => verify(hash, data, { key, ...how }, signature))
  }
  return new Promise((resolve) => {
    verify(hash, data, { key, ...how }, signature, (error, valid) => {
      resolve(error === null && valid)
    })
  })
}

function isHmac(key: KeyObject, hash: string, data: Buffer, signature: Buffer): boolean {
  const expected = createHmac(hash, key).update(data).digest()
  return expected.length === signature.length && timingSafeEqual(expected, signature)
}

/**
 * Where one verification takes longer than handing it to another thread does: P-384 and P-521 take
 * 0.7 ms and more, and 50 of them in one tick would stop the process for 40 ms.
 */
function isSlow(algorithm: string, key: KeyObject): boolean {
  if (algorithm === 'ES384' || algorithm === 'ES512') return true
  return (key.asymmetricKeyDetails?.modulusLength ?? 0) > 4096
}

function explain({ header }: CompactJwt): string {
  return Object.hasOwn(header, 'nonce')
    ? 'The signature does not verify. A "nonce" in the header is the mark of a token for Microsoft Graph, which no other API can verify: let the client ask for a scope of this API'
    : 'The signature does not verify'
}
