import { generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { importJwk, optionalString, readJwk, type Jwk } from '../../../lib/keys/jwk/jwk.js'

const RSA_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
const FITTING: Readonly<Record<string, readonly string[]>> = {
  RSA: RSA_ALGORITHMS,
  'P-256': ['ES256'],
  'P-384': ['ES384'],
  'P-521': ['ES512'],
  Ed25519: ['EdDSA', 'Ed25519'],
}
const KINDS = Object.keys(FITTING)

/** The public half of a key of each kind, as an issuer publishes it. */
const published: Record<string, JsonWebKey> = {}

beforeAll(() => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  published['RSA'] = publicKey.export({ format: 'jwk' })
  for (const namedCurve of ['P-256', 'P-384', 'P-521']) {
    published[namedCurve] = generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'jwk' }) // prettier-ignore
  }
  published['Ed25519'] = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
})

const jwkOf = (kind: string, changes: Jwk = {}): Jwk => ({ ...published[kind], ...changes })

describe('readJwk', () => {
  it.each(KINDS)('lets a key of %s verify all that fits it, where it names no "alg"', (kind) => {
    const { algorithms, keyId, issuer } = readJwk(jwkOf(kind))
    expect([[...algorithms], keyId, issuer]).toEqual([FITTING[kind], undefined, undefined])
  })

  it.each(KINDS)('lets a key of %s verify the one algorithm that it names', (kind) => {
    for (const alg of FITTING[kind]!) {
      // Both are names of one algorithm (RFC 9864).
      const named = kind === 'Ed25519' ? FITTING[kind] : [alg]
      expect([...readJwk(jwkOf(kind, { alg })).algorithms]).toEqual(named)
    }
  })

  it.each(KINDS)('refuses a key of %s that names an algorithm of another kind', (kind) => {
    const others = [...Object.values(FITTING).flat(), 'HS256', 'none', '']
    for (const alg of others.filter((name) => !FITTING[kind]!.includes(name))) {
      expect(() => readJwk(jwkOf(kind, { alg }))).toThrow('its "alg" does not fit its type')
    }
  })

  it.each(KINDS)('reads of a key of %s what makes its public half, and nothing else', (kind) => {
    const more = { x5c: ['x'], x5u: 'https://evil.test', unknown: 1 }
    const read = readJwk(jwkOf(kind, { kid: 'a', issuer: 'https://id.test', ...more }))
    expect(read).toMatchObject({ keyId: 'a', issuer: 'https://id.test' })
    expect(read.material).toEqual(published[kind])
    expect(importJwk(read).keyObject.export({ format: 'jwk' })).toEqual(published[kind])
  })

  it.each(KINDS)('refuses a key of %s that lacks a member', (kind) => {
    for (const name of Object.keys(published[kind]!)) {
      expect(() => readJwk(jwkOf(kind, { [name]: undefined }))).toThrow(
        name === 'kty' || name === 'crv' ? 'its type or curve is none' : `it has no "${name}"`,
      )
    }
  })

  it.each([
    ['is no object', 'RSA', 'not an object'],
    [{ kty: 'oct', k: 'AQAB' }, 'RSA', 'a symmetric key'],
    [{ use: 'enc' }, 'RSA', 'not for signatures'],
    [{ key_ops: ['encrypt'] }, 'RSA', '"key_ops" do not include "verify"'],
    [{ key_ops: 'verify' }, 'RSA', '"key_ops" do not include "verify"'],
    [{ use: 'sig', key_ops: ['verify', 'encrypt'] }, 'RSA', '"key_ops" contradict its "use"'],
    [{ kty: 'OKP' }, 'P-256', 'its type or curve is none we verify'],
    [{ crv: 'secp256k1' }, 'P-256', 'its type or curve is none we verify'],
    [{ crv: 'X25519' }, 'Ed25519', 'its type or curve is none we verify'],
    [{ kid: 7 }, 'P-256', '"kid" is not a string'],
    [{ kid: 'k'.repeat(513) }, 'P-256', '"kid" is longer than 512 characters'],
    [{ x: 'a+b=' }, 'P-256', '"x" is not base64url'],
    [{ x: '' }, 'Ed25519', 'it has no "x"'],
    [{ x: 'AQAB' }, 'Ed25519', '"x" has 3 bytes in place of 32'],
  ])('refuses a member that %j (%s): %s', (changes, kind, why) => {
    const member = typeof changes === 'string' ? changes : jwkOf(kind, changes)
    expect(() => readJwk(member)).toThrow(why)
  })

  it.each([
    {},
    { use: 'sig' },
    { use: null, key_ops: null },
    { key_ops: [] },
    { key_ops: ['verify'] },
    { use: 'sig', key_ops: ['sign', 'verify'] },
    { key_ops: ['verify', 'encrypt'] },
    { kid: 'k'.repeat(512) },
  ])('takes a member with %j', (changes) => {
    expect(() => readJwk(jwkOf('P-256', changes))).not.toThrow()
  })
})

describe('importJwk', () => {
  it('publishes all algorithms of the key, and holds its public half', () => {
    const { published: names, algorithms, keyObject } = importJwk(readJwk(jwkOf('RSA')))
    expect([[...names], [...algorithms]]).toEqual([RSA_ALGORITHMS, RSA_ALGORITHMS])
    expect(keyObject).toMatchObject({ type: 'public', asymmetricKeyType: 'rsa' })
  })

  it.each([
    ['of 1024 bits', { n: `AQ${'A'.repeat(168)}E` }, 'is outside 2048 to 8192'],
    ['with an even exponent', { e: 'AQAC' }, 'its RSA exponent is outside 65537 to 2^32, or even'],
    ['with the exponent 3', { e: 'Aw' }, 'its RSA exponent is outside 65537'],
  ])('refuses a modulus %s', (_name, changes, why) => {
    expect(() => importJwk(readJwk(jwkOf('RSA', changes)))).toThrow(why)
  })

  it('refuses a point that is not on its curve', () => {
    const off = { x: Buffer.alloc(32, 1).toString('base64url') }
    expect(() => importJwk(readJwk(jwkOf('P-256', off)))).toThrow(/JWK/i)
  })
})

describe('optionalString', () => {
  it('takes null for absent, as serializers write it', () => {
    expect(optionalString({ kid: null }, 'kid')).toBeUndefined()
    expect(optionalString({}, 'kid')).toBeUndefined()
    expect(optionalString({ kid: '' }, 'kid')).toBe('')
  })
})
