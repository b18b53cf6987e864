import type { KeyObject } from 'node:crypto'
import { speaksFor } from './issuer-template.js'

/** One usable verification key. The KeyObject is made once: parsing a key costs more than using it. */
export interface VerificationKey {
  readonly keyId: string | undefined
  readonly keyObject: KeyObject
  /** Its own `alg`, else all that fit its type. */
  readonly published: ReadonlySet<string>
  /** The algorithms this key may verify: as published, until one is pinned. */
  algorithms: ReadonlySet<string>
  /** Some issuers say in the key which issuer may use it (sets that several tenants share). */
  readonly issuer: string | undefined
}

/**
 * Call it once `algorithm` has verified a signature with `key`: from then on the key verifies
 * nothing else, because a key is for one algorithm (RFC 8725 §3.1), whether its JWK says so or not.
 * Only a true signature pins, so a forger cannot choose.
 */
export function pinAlgorithm(key: VerificationKey, algorithm: string): void {
  if (key.algorithms.size === 1 || key.algorithms.has('EdDSA')) return
  key.algorithms = new Set([algorithm])
}

/** Whether nothing but a pin keeps `key` from `algorithm`: its issuer may have changed over since. */
export function isPinnedAway(key: VerificationKey, algorithm: string): boolean {
  return !key.algorithms.has(algorithm) && key.published.has(algorithm)
}

/** Call it for keys that the issuer has just published again: the next signature pins anew. */
export function dropPins(keys: readonly VerificationKey[]): void {
  for (const key of keys) key.algorithms = key.published
}

/**
 * Whether `key` may sign for an issuer, given all its spellings: any key of the set may, unless it names
 * an issuer of its own. One spelling is enough: an issuer that signs under two names puts one in its keys.
 */
export function maySignFor(
  { issuer: named }: VerificationKey,
  spellings: readonly string[],
): boolean {
  return named === undefined || spellings.some((spelling) => speaksFor(named, spelling))
}
