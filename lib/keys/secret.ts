import { createSecretKey, KeyObject } from 'node:crypto'
import { complaint } from '../core/options/complaint.js'
import type { OptionCheck } from '../core/options/option-check.js'
import { fixedKeySource, type KeySource } from './key-source.js'
import type { VerificationKey } from './jwk/verification-key.js'

/** RFC 7518 §3.2: a secret must be as long as the hash. */
const HMAC_MIN_BYTES = [
  ['HS256', 32],
  ['HS384', 48],
  ['HS512', 64],
] as const

/**
 * A secret shared with the issuer. Only bytes or a KeyObject: a string would be a password, whose
 * entropy is not its length (RFC 8725 §3.5), and guessing what a string encodes is how public
 * keys came to be used as secrets.
 */
export function secretKeySource(check: OptionCheck, secret: unknown): KeySource {
  const keys = [verificationKey(check, secret)]
  return fixedKeySource(() => keys, [])
}

function verificationKey(check: OptionCheck, secret: unknown): VerificationKey {
  const keyObject = secret instanceof Uint8Array ? createSecretKey(secret) : secret
  // Said without showing the value: it may be somebody's secret.
  const wanted = 'be a Uint8Array or a secret KeyObject of at least 32 random bytes'
  if (!(keyObject instanceof KeyObject) || keyObject.type !== 'secret') {
    throw complaint(check.factory, `${check.factory}: "secret" must ${wanted}`)
  }
  const bytes = keyObject.symmetricKeySize ?? 0
  if (bytes < 32)
    throw complaint(check.factory, `${check.factory}: "secret" must ${wanted}, got ${bytes} bytes`)
  const algorithms = HMAC_MIN_BYTES.filter(([, min]) => bytes >= min).map(([name]) => name)
  const published = new Set(algorithms)
  return {
    keyId: undefined,
    keyObject,
    published,
    algorithms: published,
    issuer: undefined,
  }
}
