import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { isRecord } from '../../core/values.js'
import { isRocaModulus } from './roca.js'
import { isSmallOrderKey } from './small-order.js'
import type { VerificationKey } from './verification-key.js'

/** One member of a JWKS that is fit to verify signatures, not yet turned into a key. */
export interface UsableJwk {
  readonly keyId: string | undefined
  readonly algorithms: ReadonlySet<string>
  readonly issuer: string | undefined
  /** Only what makes the public key, so that no other member can reach the parser. */
  readonly material: JsonWebKey
}

export type Jwk = Readonly<Record<string, unknown>>

const RSA_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']

/** What each curve verifies, the members of its public key, and their size in bytes (RFC 7518 §6.2.1.2, RFC 8037 §2). */
const CURVES: Readonly<
  Record<string, { algorithms: readonly string[]; members: readonly string[]; bytes: number }>
> = {
  'EC P-256': { algorithms: ['ES256'], members: ['x', 'y'], bytes: 32 },
  'EC P-384': { algorithms: ['ES384'], members: ['x', 'y'], bytes: 48 },
  'EC P-521': { algorithms: ['ES512'], members: ['x', 'y'], bytes: 66 },
  'OKP Ed25519': { algorithms: ['EdDSA', 'Ed25519'], members: ['x'], bytes: 32 },
}

/** As long as a token's `kid` may be: nothing else that is read here is longer, but for key material. */
const MAX_STRING_CHARS = 512
/** 8192 bits, and a leading zero byte that some write for the sign. */
const MODULUS_BYTES = { min: 1, max: 1025 }
/** 2^32 at most, and a leading zero byte. */
const EXPONENT_BYTES = { min: 1, max: 5 }

/**
 * Judges one member of a JWKS (RFC 7517 §4). Certificates (`x5c`, `x5u`) are never read: the bare
 * key is what counts. Each member is bounded by its length first: a parser may take quadratic time for a
 * number, and then neither deadline nor cap on the document ends it.
 *
 * @throws Error saying why we cannot use the member.
 */
export function readJwk(jwk: unknown): UsableJwk {
  if (!isRecord(jwk)) throw new Error('not an object')
  if (jwk['kty'] === 'oct') throw new Error('a symmetric key')
  ensureUse(jwk)
  const { algorithms: fitting, material } = publicKeyOf(jwk)
  const algorithm = optionalString(jwk, 'alg')
  if (algorithm !== undefined && !fitting.includes(algorithm)) {
    throw new Error('its "alg" does not fit its type, or is none we verify')
  }
  // RFC 9864: a key marked with either name of Ed25519 verifies both.
  const named = algorithm === undefined || fitting.includes('Ed25519') ? fitting : [algorithm]
  return {
    keyId: optionalString(jwk, 'kid'),
    algorithms: new Set(named),
    issuer: optionalString(jwk, 'issuer'),
    material,
  }
}

/** @throws Error where the key is weak, or not on its curve. */
export function importJwk({ material, ...jwk }: UsableJwk): VerificationKey {
  if (material.kty === 'RSA') ensureRsaStrength(material)
  const keyObject = createPublicKey({ key: material, format: 'jwk' })
  if (material.kty === 'OKP' && isSmallOrderKey(Buffer.from(material.x ?? '', 'base64url'))) {
    throw new Error('a point of small order, by which anybody can sign')
  }
  return { ...jwk, published: jwk.algorithms, keyObject }
}

/** RFC 7517 §4.2, §4.3: both restrict, and they must agree where both are there. */
function ensureUse(jwk: Jwk): void {
  const use = optionalString(jwk, 'use')
  if (use !== undefined && use !== 'sig') throw new Error('not for signatures')
  const operations: unknown = jwk['key_ops'] ?? []
  // Serializers write a list that is absent as an empty one.
  if (Array.isArray(operations) && operations.length === 0) return
  if (!Array.isArray(operations) || !operations.includes('verify')) {
    throw new Error('its "key_ops" do not include "verify"')
  }
  if (use === 'sig' && operations.some((item) => item !== 'verify' && item !== 'sign')) {
    throw new Error('its "key_ops" contradict its "use"')
  }
}

/** @throws Error where it is no public key that we could verify with. */
export function publicKeyOf(jwk: Jwk): { algorithms: readonly string[]; material: JsonWebKey } {
  const type = optionalString(jwk, 'kty') ?? ''
  if (type === 'RSA') {
    const n = base64url(jwk, 'n', MODULUS_BYTES)
    const material = { kty: type, n, e: base64url(jwk, 'e', EXPONENT_BYTES) }
    return { algorithms: RSA_ALGORITHMS, material }
  }
  const crv = optionalString(jwk, 'crv') ?? ''
  const curve = CURVES[`${type} ${crv}`]
  if (curve === undefined) throw new Error('its type or curve is none we verify')
  const material: JsonWebKey = { kty: type, crv }
  for (const name of curve.members) {
    material[name] =
      type === 'EC' ? coordinate(jwk, name, curve.bytes) : exactly(jwk, name, curve.bytes)
  }
  return { algorithms: curve.algorithms, material }
}

/**
 * At its full size (RFC 7518 §6.2.1.2). Some issuers write a coordinate as a number, without leading zero
 * bytes: one P-256 key in a hundred then looks too short, and two P-521 keys in three. Others write a
 * zero byte more, for the sign. However it is written, it is the same point, and has one spelling here.
 */
function coordinate(jwk: Jwk, name: string, bytes: number): string {
  const written = Buffer.from(base64url(jwk, name, { min: 1, max: bytes + 1 }), 'base64url')
  const value = written.length > bytes && written[0] === 0 ? written.subarray(1) : written
  if (value.length > bytes) throw wrongSize(name, value.length, bytes)
  return Buffer.concat([Buffer.alloc(bytes - value.length), value]).toString('base64url')
}

/** Not so for Ed25519: its bytes are no number, and none of them goes without saying (RFC 8032 §5.1.2). */
function exactly(jwk: Jwk, name: string, bytes: number): string {
  return base64url(jwk, name, { min: bytes, max: bytes })
}

function wrongSize(name: string, got: number, wanted: number): Error {
  return new Error(`"${name}" has ${got} bytes in place of ${wanted}`)
}

/** Parsers of keys skip what is not base64url; we do not, so that one key has one spelling. */
function base64url(jwk: Jwk, name: string, { min, max }: { min: number; max: number }): string {
  const value = optionalString(jwk, name, Math.ceil((max * 4) / 3))
  if (value === undefined || value === '') throw new Error(`it has no "${name}"`)
  const decoded = Buffer.from(value, 'base64url')
  if (decoded.toString('base64url') !== value) throw new Error(`"${name}" is not base64url`)
  if (decoded.length < min) throw wrongSize(name, decoded.length, min)
  return value
}

/** Weak keys can be factored (RFC 7518 §3.3); huge ones make each verification a denial of service. */
function ensureRsaStrength({ n = '', e = '' }: JsonWebKey): void {
  const modulus = numberOf(n)
  const bits = modulus.toString(2).length
  if (bits < 2048 || bits > 8192) {
    throw new Error(`an RSA modulus of ${bits} bits is outside 2048 to 8192`)
  }
  const exponent = numberOf(e)
  if (exponent < 65_537n || exponent > 0xffff_ffffn || exponent % 2n === 0n) {
    throw new Error('its RSA exponent is outside 65537 to 2^32, or even')
  }
  if (isRocaModulus(modulus)) {
    throw new Error('its RSA modulus was made by a broken generator (CVE-2017-15361)')
  }
}

/** Of a member whose length has been judged. */
function numberOf(member: string): bigint {
  return BigInt(`0x${Buffer.from(member, 'base64url').toString('hex')}`)
}

/** Null is absent: serializers write it so. @throws Error where it is there and no string, or too long. */
export function optionalString(
  jwk: Jwk,
  name: string,
  maxChars: number = MAX_STRING_CHARS,
): string | undefined {
  const value = jwk[name] ?? undefined
  if (value === undefined) return undefined
  if (typeof value !== 'string') throw new Error(`"${name}" is not a string`)
  if (value.length > maxChars) throw new Error(`"${name}" is longer than ${maxChars} characters`)
  return value
}
