import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { isRecord, messageOf } from '../core/values.js'
import { FetchError } from './fetch-json.js'

/** One usable verification key. The KeyObject is made once: parsing a key costs more than using it. */
export interface VerificationKey {
  /** The key set it belongs to. */
  readonly generation: number
  readonly keyId: string | undefined
  readonly keyObject: KeyObject
  /** The algorithms this key may verify: its own `alg`, else all that fit its type and curve. */
  readonly algorithms: ReadonlySet<string>
  /** Some issuers say in the key which issuer may use it (Entra's tenant-independent sets). */
  readonly issuer: string | undefined
}

/** A validated JWKS. Immutable: rotation makes a new one with a higher `generation`. */
export interface KeySet {
  readonly generation: number
  readonly keys: readonly VerificationKey[]
  /** Why members were left out, one line each, for the event. */
  readonly ignored: readonly string[]
}

const MAX_KEYS = 100
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']
const RSA_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
const CURVE_ALGORITHMS: Readonly<Record<string, readonly string[]>> = {
  'EC P-256': ['ES256'],
  'EC P-384': ['ES384'],
  'EC P-521': ['ES512'],
  'OKP Ed25519': ['EdDSA', 'Ed25519'],
}

/**
 * Validates a JWKS (RFC 7517 §5). A member we cannot use is left out; a set that is none, that is
 * empty of usable keys, or that gives away a private key is refused whole, so that it never
 * replaces a good one.
 *
 * @throws FetchError naming what is wrong with the set.
 */
export function importKeySet(body: unknown, generation: number): KeySet {
  const members = keysOf(body)
  const keys: VerificationKey[] = []
  const ignored: string[] = []
  for (const [index, member] of members.entries()) {
    try {
      keys.push(importKey(member, generation))
    } catch (error) {
      if (error instanceof FetchError) throw error
      ignored.push(`key ${index}: ${messageOf(error)}`)
    }
  }
  if (keys.length === 0) {
    throw new FetchError(`The JWKS has no usable signing key. ${ignored.join('; ')}`.trim())
  }
  return { generation, keys, ignored }
}

function keysOf(body: unknown): readonly unknown[] {
  const keys: unknown = isRecord(body) ? body['keys'] : undefined
  if (!Array.isArray(keys)) throw new FetchError('The JWKS is not an object with an array "keys"')
  if (keys.length > MAX_KEYS) throw new FetchError(`The JWKS has more than ${MAX_KEYS} keys`)
  return keys
}

function importKey(jwk: unknown, generation: number): VerificationKey {
  if (!isRecord(jwk)) throw new Error('not an object')
  refusePrivateMembers(jwk)
  assertUse(jwk)
  const keyId = optionalString(jwk, 'kid')
  const fitting = fittingAlgorithms(jwk)
  const algorithm = optionalString(jwk, 'alg')
  if (algorithm !== undefined && !fitting.includes(algorithm)) {
    throw new Error('its "alg" does not fit its type, or is none we verify')
  }
  const keyObject = createPublicKey({ key: publicMembers(jwk), format: 'jwk' })
  if (keyObject.asymmetricKeyType === 'rsa') assertRsaStrength(keyObject)
  return {
    generation,
    keyId,
    keyObject,
    algorithms: new Set(algorithm === undefined ? fitting : equivalents(algorithm, fitting)),
    issuer: optionalString(jwk, 'issuer'),
  }
}

/** A published private key belongs to everybody: nothing signed by its set can be trusted (RFC 7517 §9.2). */
function refusePrivateMembers(jwk: Readonly<Record<string, unknown>>): void {
  if (jwk['kty'] === 'oct') throw new Error('a symmetric key')
  for (const member of PRIVATE_MEMBERS) {
    if (Object.hasOwn(jwk, member)) {
      throw new FetchError(`The JWKS gives away a private key (member "${member}")`)
    }
  }
}

/** RFC 7517 §4.2, §4.3: both restrict, and they must agree where both are there. */
function assertUse(jwk: Readonly<Record<string, unknown>>): void {
  const use = optionalString(jwk, 'use')
  if (use !== undefined && use !== 'sig') throw new Error('not for signatures')
  const operations = jwk['key_ops']
  if (operations === undefined) return
  if (!Array.isArray(operations) || !operations.includes('verify')) {
    throw new Error('its "key_ops" do not include "verify"')
  }
}

function fittingAlgorithms(jwk: Readonly<Record<string, unknown>>): readonly string[] {
  const type = optionalString(jwk, 'kty')
  if (type === 'RSA') return RSA_ALGORITHMS
  const algorithms = CURVE_ALGORITHMS[`${String(type)} ${String(optionalString(jwk, 'crv'))}`]
  if (algorithms === undefined) throw new Error('its type or curve is none we verify')
  return algorithms
}

/** RFC 9864: a key marked with either name of Ed25519 verifies both. */
function equivalents(algorithm: string, fitting: readonly string[]): readonly string[] {
  return fitting.includes('Ed25519') ? fitting : [algorithm]
}

/** Only what makes the public key, so that no other member can reach the parser. */
function publicMembers(jwk: Readonly<Record<string, unknown>>): JsonWebKey {
  const members = jwk['kty'] === 'RSA' ? ['kty', 'n', 'e'] : ['kty', 'crv', 'x', 'y']
  return Object.fromEntries(
    members.filter((name) => jwk[name] !== undefined).map((name) => [name, jwk[name]]),
  )
}

/** Weak keys can be factored (RFC 7518 §3.3); huge ones make each verification a denial of service. */
function assertRsaStrength(key: KeyObject): void {
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {}
  if (modulusLength < 2048 || modulusLength > 8192) {
    throw new Error(`an RSA modulus of ${modulusLength} bits is outside 2048 to 8192`)
  }
  if (publicExponent < 65_537n || publicExponent > 0xffff_ffffn || publicExponent % 2n === 0n) {
    throw new Error('its RSA exponent is outside 65537 to 2^32, or even')
  }
}

function optionalString(jwk: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = jwk[name]
  if (value !== undefined && typeof value !== 'string') throw new Error(`"${name}" is not a string`)
  return value
}
