import {
  constants,
  createHmac,
  timingSafeEqual,
  verify,
  type KeyObject,
  type SigningOptions,
} from 'node:crypto'
import { AuthError, invalidToken } from '../../core/verdicts/errors.js'
import { NOBODY, type Sender } from '../../core/queue/sender.js'
import { keysToTry, rememberVerified } from '../../keys/keys-to-try.js'
import {
  isPinnedAway,
  pinAlgorithm,
  type VerificationKey,
} from '../../keys/jwk/verification-key.js'
import type { CompactJwt } from './compact.js'
import { derOfEcdsa } from './ecdsa-der.js'
import { withCryptoSlot } from './crypto-concurrency.js'
import { judgeJson } from './strict-json.js'
import { runInBatch } from './verify-batch.js'

type Keys = readonly VerificationKey[]

interface Signed {
  readonly data: Buffer
  readonly signature: Buffer
  readonly sender: Sender
}

/** How `node:crypto` verifies one JWS algorithm (RFC 7518 §3.1, RFC 8037 §3.1). */
interface Algorithm {
  readonly hash: string | null
  /** Parameters that a KeyObject does not imply: RSA defaults to PKCS #1 v1.5. */
  readonly options?: SigningOptions
  /** Exact length of the signature; without it, an RSA signature has the length of its modulus. */
  readonly signatureBytes?: number
  /** To the form that OpenSSL takes, where that is another. */
  readonly encode?: (signature: Buffer) => Buffer
}

const PSS: SigningOptions = {
  padding: constants.RSA_PKCS1_PSS_PADDING,
  saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
}

const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  RS256: { hash: 'sha256' },
  RS384: { hash: 'sha384' },
  RS512: { hash: 'sha512' },
  PS256: { hash: 'sha256', options: PSS },
  PS384: { hash: 'sha384', options: PSS },
  PS512: { hash: 'sha512', options: PSS },
  ES256: { hash: 'sha256', signatureBytes: 64, encode: derOfEcdsa },
  ES384: { hash: 'sha384', signatureBytes: 96, encode: derOfEcdsa },
  ES512: { hash: 'sha512', signatureBytes: 132, encode: derOfEcdsa },
  EdDSA: { hash: null, signatureBytes: 64 },
  Ed25519: { hash: null, signatureBytes: 64 },
}

const HMAC_HASHES: Readonly<Record<string, string>> = {
  HS256: 'sha256',
  HS384: 'sha384',
  HS512: 'sha512',
}

/** 4096 bits. */
const MAX_FAST_RSA_BYTES = 512

/**
 * Verifies the signature with one of `keys`: the one place that does. `algorithm` is already known
 * to be allowed; here it must also fit the key (RFC 8725 §3.1).
 *
 * @param sender Who waits for the answer. @default nobody in particular
 * @param hintOf What is known of tokens with this header that nobody can verify. @default nothing
 * @returns the key that verified, or the refusal: `invalid_token` for a forged token, and for a signed
 * payload that has no one reading; `temporarily_unavailable` where the signature could not be checked in time.
 */
export function verifySignature(
  jwt: CompactJwt,
  algorithm: string,
  keys: Keys,
  sender: Sender = NOBODY,
  hintOf: (header: CompactJwt['header']) => string = () => '',
): Promise<VerificationKey | AuthError> {
  const signed = {
    data: Buffer.from(jwt.signingInput, 'latin1'),
    signature: Buffer.from(jwt.signature, 'base64url'),
    sender,
  }
  // One promise per key, and refusals as values: an async function that throws is slower.
  const tryKey = (key: VerificationKey, others: Keys): Promise<VerificationKey | AuthError> =>
    isSignedBy(key.keyObject, algorithm, signed).then((valid) => {
      if (valid instanceof AuthError) return valid
      if (valid) {
        // Meanwhile another token may have settled what this key is for.
        if (!key.algorithms.has(algorithm)) return mismatch(algorithm, [key])
        rememberVerified(key, fitting)
        return proven(jwt, algorithm, key)
      }
      const [another, ...rest] = others
      if (another !== undefined) return tryKey(another, rest)
      return invalidToken('bad_signature', `The signature does not verify${hintOf(jwt.header)}`)
    })
  const fitting = keysToTry(keys, algorithm)
  const [first, ...others] = fitting
  return first === undefined ? Promise.resolve(mismatch(algorithm, keys)) : tryKey(first, others)
}

function mismatch(algorithm: string, keys: Keys): AuthError {
  const pinned = keys.find((key) => isPinnedAway(key, algorithm))
  const detail =
    pinned === undefined
      ? `The key of this token is not one for ${algorithm}`
      : `The key of this token names no "alg" and is pinned to ${[...pinned.algorithms].join()}, by which a token has verified since the keys were fetched: ${algorithm} is refused. The issuer should say the "alg" of its keys`
  return invalidToken('key_mismatch', detail)
}

/** Claims are believed once they are signed, so they must have one reading only. */
function proven(
  jwt: CompactJwt,
  algorithm: string,
  key: VerificationKey,
): VerificationKey | AuthError {
  pinAlgorithm(key, algorithm)
  return judgeJson(jwt.payload, jwt.claims, 'payload') ?? key
}

function isSignedBy(
  key: KeyObject,
  algorithm: string,
  { data, signature, sender }: Signed,
): Promise<boolean | AuthError> {
  const hmac = HMAC_HASHES[algorithm]
  if (hmac !== undefined) return Promise.resolve(isHmac(key, hmac, data, signature))
  const parameters = ALGORITHMS[algorithm]
  if (parameters === undefined) return Promise.resolve(false)
  const { hash, signatureBytes, options, encode } = parameters
  if (signatureBytes !== undefined && signature.length !== signatureBytes) {
    return Promise.resolve(false)
  }
  // Node is slower with a key among options than with a bare one (docs/performance.md).
  const how = options === undefined ? key : { key, ...options }
  const encoded = encode === undefined ? signature : encode(signature)
  if (!isSlow(algorithm, signature)) {
    return runInBatch(() => verify(hash, data, how, encoded), sender)
  }
  const check = (): Promise<boolean> =>
    new Promise((resolve) => {
      verify(hash, data, how, encoded, (error, valid) => resolve(error === null && valid))
    })
  return withCryptoSlot({ key, sender, check })
}

function isHmac(key: KeyObject, hash: string, data: Buffer, signature: Buffer): boolean {
  const expected = createHmac(hash, key).update(data).digest()
  return expected.length === signature.length && timingSafeEqual(expected, signature)
}

/**
 * Where one verification takes longer than handing it to another thread does: dozens of P-384 or P-521
 * signatures in one tick would stop the process for as many milliseconds.
 */
function isSlow(algorithm: string, signature: Buffer): boolean {
  if (algorithm === 'ES384' || algorithm === 'ES512') return true
  // As long as the modulus, or refused at once; asking the key for its modulus is slower.
  return signature.length > MAX_FAST_RSA_BYTES
}
