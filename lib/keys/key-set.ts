import { isRecord, messageOf } from '../core/values.js'
import { FetchError } from '../net/fetch-error.js'
import { importJwk, readJwk, type UsableJwk } from './jwk.js'
import type { VerificationKey } from './verification-key.js'

export type { VerificationKey } from './verification-key.js'

/** A validated JWKS. Rotation makes a new one with a higher `generation`. */
export interface KeySet {
  readonly generation: number
  readonly keys: readonly VerificationKey[]
  readonly byKeyId: ReadonlyMap<string, readonly VerificationKey[]>
  /** Keys by all that tells one from another, so that the next set can take over what it shares. */
  readonly byFingerprint: ReadonlyMap<string, VerificationKey>
  /** Why members were left out, one line each, for the event. */
  readonly ignored: readonly string[]
}

const MAX_KEYS = 100
const NONE: readonly VerificationKey[] = []

/**
 * Validates a JWKS (RFC 7517 §5). A member we cannot use is left out; a set that is none, that is
 * empty of usable keys, or that gives away a private key is refused whole, so that it never
 * replaces a good one.
 *
 * @returns `previous` itself where it has the very same keys: its generation lives on, and with it
 *   all that was verified under it.
 * @throws FetchError naming what is wrong with the set.
 */
export function importKeySet(body: unknown, previous?: KeySet): KeySet {
  const byFingerprint = new Map<string, VerificationKey>()
  const ignored: string[] = []
  for (const [index, member] of membersOf(body).entries()) {
    try {
      const jwk = readJwk(member)
      const fingerprint = fingerprintOf(jwk)
      const known = previous?.byFingerprint.get(fingerprint)
      byFingerprint.set(fingerprint, known ?? importJwk(jwk))
    } catch (error) {
      if (error instanceof FetchError) throw error
      ignored.push(`key ${index}: ${messageOf(error)}`)
    }
  }
  if (byFingerprint.size === 0) {
    throw new FetchError(`The JWKS has no usable signing key. ${ignored.join('; ')}`.trim())
  }
  if (previous !== undefined && sameKeys(byFingerprint, previous.byFingerprint)) return previous
  const keys = [...byFingerprint.values()]
  const generation = (previous?.generation ?? 0) + 1
  return { generation, keys, byKeyId: groupByKeyId(keys), byFingerprint, ignored }
}

/**
 * The keys that a token with this `kid` may have been signed by: several, where an issuer reuses a
 * `kid` across types. A token without `kid` may be by any of them (RFC 7517 §4.5 makes it optional).
 */
export function matchingKeys(set: KeySet, keyId: string | undefined): readonly VerificationKey[] {
  return keyId === undefined ? set.keys : (set.byKeyId.get(keyId) ?? NONE)
}

export function keyIdsOf(set: KeySet): readonly string[] {
  return set.keys.map((key) => key.keyId ?? '(no kid)')
}

function membersOf(body: unknown): readonly unknown[] {
  const keys: unknown = isRecord(body) ? body['keys'] : undefined
  if (!Array.isArray(keys)) throw new FetchError('The JWKS is not an object with an array "keys"')
  if (keys.length > MAX_KEYS) throw new FetchError(`The JWKS has more than ${MAX_KEYS} keys`)
  return keys
}

function groupByKeyId(
  keys: readonly VerificationKey[],
): ReadonlyMap<string, readonly VerificationKey[]> {
  const groups = new Map<string, VerificationKey[]>()
  for (const key of keys) {
    if (key.keyId === undefined) continue
    const group = groups.get(key.keyId)
    if (group === undefined) groups.set(key.keyId, [key])
    else group.push(key)
  }
  return groups
}

function fingerprintOf({ keyId, algorithms, issuer, material }: UsableJwk): string {
  return JSON.stringify([keyId, [...algorithms], issuer, material])
}

function sameKeys(
  some: ReadonlyMap<string, VerificationKey>,
  others: ReadonlyMap<string, VerificationKey>,
): boolean {
  return some.size === others.size && [...some.keys()].every((name) => others.has(name))
}
