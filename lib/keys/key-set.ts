import { isRecord, messageOf } from '../core/values.js'
import { FetchError } from '../net/fetch-error.js'
import { CompromisedMembers, type CompromisedKeys } from './jwk/compromised.js'
import { importJwk, optionalString, readJwk, type UsableJwk } from './jwk/jwk.js'
import type { VerificationKey } from './jwk/verification-key.js'

/** A validated JWKS. Rotation makes a new one with a higher `generation`. */
export interface KeySet {
  readonly generation: number
  readonly keys: readonly VerificationKey[]
  readonly members: ReadonlySet<VerificationKey>
  readonly byKeyId: ReadonlyMap<string, readonly VerificationKey[]>
  /** Keys by all that tells one from another, so that the next set can take over what it shares. */
  readonly byFingerprint: ReadonlyMap<string, VerificationKey>
  /** Left out, because their private half is published. */
  readonly compromised: CompromisedKeys
  /** Why other members were left out, one line each, for the event. */
  readonly ignored: readonly string[]
  /** The same by the `kid` of the member: its tokens are not those of a stranger. */
  readonly ignoredByKeyId: ReadonlyMap<string, string>
}

/** The issuer publishes this key, but we cannot use it: nobody can tell whether its tokens are good. */
export class KeyIgnored extends Error {
  override readonly name = 'KeyIgnored'

  constructor(why: string) {
    super(`The issuer has a key of this "kid", which cannot be used: ${why}`)
  }
}

/** Lines of `ignored`: each becomes an event. */
const MAX_REPORTED = 100
/** Importing a thousand keys takes a second or two: other requests get their turn in between. */
const TURN_MS = 5
const NONE: readonly VerificationKey[] = []

/**
 * Validates a JWKS (RFC 7517 §5). A member we cannot use is left out, and so is one that gives away a
 * private key: then everybody can sign with that key, but with no other. A set that is none, or that
 * holds nothing of either kind, is refused whole, so that it never replaces a good one.
 *
 * @returns `previous` itself where it has the very same keys: its generation lives on, and with it
 *   all that was verified under it.
 * @throws FetchError naming what is wrong with the set.
 */
export function importKeySet(body: unknown, previous?: KeySet): KeySet {
  const steps = importing(body, previous)
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/**
 * Like `importKeySet`, but in turns, until `signal`: only bytes limit a set, and half a megabyte of
 * keys on large curves takes seconds to import.
 */
export async function importKeySetInTurns(
  body: unknown,
  previous: KeySet | undefined,
  signal: AbortSignal,
): Promise<KeySet> {
  const steps = importing(body, previous)
  let turnEndsAt = performance.now() + TURN_MS
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    if (performance.now() < turnEndsAt) continue
    await new Promise((resolve) => setImmediate(resolve))
    if (signal.aborted) throw new FetchError('The JWKS has too many keys to import in time')
    turnEndsAt = performance.now() + TURN_MS
  }
}

/**
 * The keys that a token with this `kid` may have been signed by: several, where an issuer reuses a
 * `kid` across types. A token without `kid` may be by any of them (RFC 7517 §4.5 makes it optional).
 *
 * @throws KeyCompromised where the only keys it may be by are compromised, KeyIgnored where they were left out.
 */
export function matchingKeys(set: KeySet, keyId: string | undefined): readonly VerificationKey[] {
  const keys = keyId === undefined ? set.keys : (set.byKeyId.get(keyId) ?? NONE)
  if (keys.length > 0) return keys
  // A set without any key holds compromised ones alone.
  const [first] = keyId === undefined ? set.compromised.values() : []
  const compromised = first ?? set.compromised.get(keyId)
  if (compromised !== undefined) throw compromised
  const ignored = keyId === undefined ? undefined : set.ignoredByKeyId.get(keyId)
  if (ignored !== undefined) throw new KeyIgnored(ignored)
  return keys
}

export function keyIdsOf(set: KeySet): readonly string[] {
  return set.keys.map((key) => nameOf(key.keyId))
}

export function compromisedKeyIdsOf(set: KeySet): readonly string[] {
  return [...set.compromised.keys()].map(nameOf)
}

function nameOf(keyId: string | undefined): string {
  return keyId ?? '(no kid)'
}

/** Imports one member a step. */
function* importing(body: unknown, previous: KeySet | undefined): Generator<undefined, KeySet> {
  const byFingerprint = new Map<string, VerificationKey>()
  const compromisedMembers = new CompromisedMembers()
  const ignored: string[] = []
  const ignoredByKeyId = new Map<string, string>()
  for (const [index, member] of membersOf(body).entries()) {
    yield
    if (compromisedMembers.note(member)) continue
    try {
      const jwk = readJwk(member)
      const fingerprint = fingerprintOf(jwk)
      const known = byFingerprint.get(fingerprint) ?? previous?.byFingerprint.get(fingerprint)
      byFingerprint.set(fingerprint, known ?? importJwk(jwk))
    } catch (error) {
      if (ignored.length >= MAX_REPORTED) continue
      const why = `key ${index}: ${messageOf(error)}`
      ignored.push(why)
      const keyId = keyIdOf(member)
      if (keyId !== undefined) ignoredByKeyId.set(keyId, why)
    }
  }
  const compromised = compromisedMembers.removeFrom(byFingerprint)
  if (byFingerprint.size === 0 && compromised.size === 0) {
    throw new FetchError(`The JWKS has no usable signing key. ${ignored.join('; ')}`.trim())
  }
  const isUnchanged =
    previous !== undefined &&
    isSame(previous, byFingerprint, compromised) &&
    hasSameNames(previous.ignoredByKeyId, ignoredByKeyId)
  if (isUnchanged) return previous
  const keys = [...byFingerprint.values()]
  const generation = (previous?.generation ?? 0) + 1
  const members = new Set(keys)
  return {
    generation,
    keys,
    members,
    byKeyId: groupByKeyId(keys),
    byFingerprint,
    compromised,
    ignored,
    ignoredByKeyId,
  }
}

/** Of a member that may be anything. */
function keyIdOf(member: unknown): string | undefined {
  try {
    return isRecord(member) ? optionalString(member, 'kid') : undefined
  } catch {
    return undefined
  }
}

function membersOf(body: unknown): readonly unknown[] {
  const keys: unknown = isRecord(body) ? body['keys'] : undefined
  if (!Array.isArray(keys)) throw new FetchError('The JWKS is not an object with an array "keys"')
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

function isSame(
  previous: KeySet,
  byFingerprint: ReadonlyMap<string, unknown>,
  compromised: CompromisedKeys,
): boolean {
  return (
    hasSameNames(previous.byFingerprint, byFingerprint) &&
    hasSameNames(previous.compromised, compromised)
  )
}

function hasSameNames<T>(some: ReadonlyMap<T, unknown>, others: ReadonlyMap<T, unknown>): boolean {
  return some.size === others.size && [...some.keys()].every((name) => others.has(name))
}
