import { generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { KeyCompromised } from '../../../lib/keys/jwk/compromised.js'
import {
  compromisedKeyIdsOf,
  importKeySet,
  keyIdsOf,
  matchingKeys,
  type KeySet,
} from '../../../lib/keys/key-set.js'

const rsa = { ...publicJwk(), kid: 'rsa' }
const ec = { ...exported(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey), kid: 'ec' }
const okp = { ...exported(generateKeyPairSync('ed25519').publicKey), kid: 'okp' }

const GIVEN_AWAY = /^The JWKS gives away a private key \(member "d"\)$/

describe('importKeySet: a member that gives away a private key', () => {
  it.each(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'])(
    'is dropped alone for "%s" (7517-12, DISC-03)',
    (member) => {
      const set = setOf(ec, { ...rsa, [member]: 'AQAB' })
      expect(keyIdsOf(set)).toEqual(['ec'])
      expect(compromisedKeyIdsOf(set)).toEqual(['rsa'])
    },
  )

  it.each([
    ['null', null],
    ['an empty string', ''],
    ['an empty list', []],
    ['undefined', undefined],
  ])('keeps a key whose private member is absent: %s', (_name, value) => {
    const set = setOf({ ...rsa, d: value, oth: value })
    expect(keyIdsOf(set)).toEqual(['rsa'])
    expect(compromisedKeyIdsOf(set)).toEqual([])
  })

  it.each([0, false, {}, [[]], ' '])('is dropped for any other value: %j', (d) => {
    expect(compromisedKeyIdsOf(setOf(ec, { ...rsa, d }))).toEqual(['rsa'])
  })

  it.each([
    ['a shared secret', { kty: 'oct', k: 'AQAB', kid: 'x' }],
    ['a key of a kind we do not use', { kty: 'FOO', d: 'AQAB', kid: 'x' }],
    ['a key for encryption', { ...rsa, use: 'enc', d: 'AQAB', kid: 'x' }],
  ])('is told of, although it is %s', (_name, member) => {
    expect(compromisedKeyIdsOf(setOf(ec, member))).toEqual(['x'])
  })

  it.each([
    ['under another kid', rsa, { ...rsa, kid: 'other' }],
    ['before the member that gives it away', { ...rsa, kid: 'other' }, rsa],
    ['with another exponent', rsa, { ...rsa, kid: 'other', e: 'AQAD' }],
    ['with a leading zero', rsa, { ...rsa, kid: 'other', n: withLeadingZero(rsa.n) }],
  ])('takes the same key along: %s', (_name, ...members) => {
    const given = members.map((jwk) => (jwk.kid === 'rsa' ? { ...jwk, d: 'AQAB' } : jwk))
    const set = setOf(ec, ...given)
    expect(keyIdsOf(set)).toEqual(['ec'])
    expect(compromisedKeyIdsOf(set).toSorted()).toEqual(['other', 'rsa'])
  })

  it.each([
    ['a zero more in the member that gives it away', withLeadingZero],
    ['two zeros more there', (n?: string) => withLeadingZero(withLeadingZero(n))],
  ])('takes the same key along: %s', (_name, written) => {
    const set = setOf(ec, { ...rsa, n: written(rsa.n), d: 'AQAB' }, { ...rsa, kid: 'other' })
    expect(keyIdsOf(set)).toEqual(['ec'])
  })

  it.each([
    ['an EC key', ec],
    ['an Ed25519 key', okp],
  ])('takes the same key along under another kid: %s', (_name, jwk) => {
    const set = setOf(rsa, { ...jwk, d: 'AQAB' }, { ...jwk, kid: 'other' })
    expect(keyIdsOf(set)).toEqual(['rsa'])
    expect(compromisedKeyIdsOf(set).toSorted()).toEqual([jwk.kid, 'other'].toSorted())
  })

  it('leaves the other keys of its kind in force', () => {
    const others = [
      { ...publicJwk(), kid: 'rsa-2' },
      { ...exported(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey), kid: 'ec-2' },
      { ...exported(generateKeyPairSync('ed25519').publicKey), kid: 'okp-2' },
    ]
    const given = [rsa, ec, okp].map((jwk) => ({ ...jwk, d: 'AQAB' }))
    expect(keyIdsOf(setOf(...given, ...others))).toEqual(['rsa-2', 'ec-2', 'okp-2'])
  })

  it('is told of as compromised, and not as ignored besides', () => {
    expect(setOf(ec, { kty: 'oct', k: 'AQAB', kid: 'x' }).ignored).toEqual([])
  })

  it('is an error by its name', () => {
    expect(new KeyCompromised('d').name).toBe('KeyCompromised')
  })

  it('never says what the private member holds', () => {
    const set = setOf({ ...rsa, d: 'c2VjcmV0' })
    expect(() => matchingKeys(set, 'rsa')).toThrow(GIVEN_AWAY)
  })
})

describe('matchingKeys', () => {
  it('refuses a kid that names compromised keys alone', () => {
    const set = setOf(ec, { ...rsa, d: 'AQAB' })
    expect(() => matchingKeys(set, 'rsa')).toThrow(KeyCompromised)
    expect(matchingKeys(set, 'ec')).toHaveLength(1)
    expect(matchingKeys(set, 'unknown')).toEqual([])
    expect(matchingKeys(set, undefined)).toHaveLength(1)
  })

  it('finds the good key of a kid that names a compromised one too', () => {
    expect(matchingKeys(setOf(ec, { ...rsa, kid: 'ec', d: 'AQAB' }), 'ec')).toHaveLength(1)
  })

  it('refuses a token without kid where every key is compromised', () => {
    const set = setOf({ ...rsa, d: 'AQAB', kid: undefined })
    expect(() => matchingKeys(set, undefined)).toThrow(KeyCompromised)
    expect(compromisedKeyIdsOf(set)).toEqual(['(no kid)'])
  })
})

describe('importKeySet: from one set to the next', () => {
  it('replaces a good set, even where no other key is left: else the key would go on to verify', () => {
    const set = importKeySet({ keys: [{ ...okp, d: 'AQAB' }] }, setOf(okp))
    expect(set).toMatchObject({ generation: 2, keys: [] })
  })

  it('is another set where the same keys are left, so that the kid is known to be compromised', () => {
    const before = setOf(ec)
    const after = importKeySet({ keys: [ec, { ...rsa, d: 'AQAB' }] }, before)
    expect(after).not.toBe(before)
    expect(after.keys).toEqual(before.keys)
    expect(importKeySet({ keys: [ec, { ...rsa, d: 'AQAB' }] }, after)).toBe(after)
  })
})

function setOf(...keys: unknown[]): KeySet {
  return importKeySet({ keys })
}

function publicJwk(): JsonWebKey {
  return exported(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey)
}

function exported(key: { export(options: { format: 'jwk' }): JsonWebKey }): JsonWebKey {
  return key.export({ format: 'jwk' })
}

function withLeadingZero(n = ''): string {
  return Buffer.concat([Buffer.of(0), Buffer.from(n, 'base64url')]).toString('base64url')
}
