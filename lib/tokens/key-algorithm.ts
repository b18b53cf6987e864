import type { KeyObject } from 'node:crypto'
import type { VerificationKey } from '../keys/key-set.js'

const settled = new WeakMap<KeyObject, string>()

/** Whether `key` may verify `algorithm`: by its own `alg`, or by what it verified before. */
export function isKeyFor(key: VerificationKey, algorithm: string): boolean {
  return key.algorithms.has(algorithm) && (settled.get(key.keyObject) ?? algorithm) === algorithm
}

/**
 * Ties an RSA key without `alg` to the first algorithm that verified by it, and says whether it is
 * this one: RFC 8725 §3.1 wants one algorithm a key, and a signature of one kind must not be
 * passed off as another. Only a signature that verified settles it, so no attacker can.
 */
export function settleAlgorithm(key: VerificationKey, algorithm: string): boolean {
  const { keyObject, algorithms } = key
  if (algorithms.size > 1 && keyObject.asymmetricKeyType === 'rsa' && !settled.has(keyObject)) {
    settled.set(keyObject, algorithm)
  }
  return isKeyFor(key, algorithm)
}
