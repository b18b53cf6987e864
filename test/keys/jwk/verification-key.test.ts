import { createSecretKey } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import {
  dropPins,
  isPinnedAway,
  maySignFor,
  pinAlgorithm,
  type VerificationKey,
} from '../../../lib/keys/jwk/verification-key.js'

const RSA = ['RS256', 'PS256']
const keyObject = createSecretKey(Buffer.alloc(32))

function key(published: readonly string[], issuer?: string): VerificationKey {
  const algorithms = new Set(published)
  return { keyId: 'a', keyObject, published: algorithms, algorithms, issuer }
}

describe('pinAlgorithm', () => {
  it('leaves a key one algorithm, the first that verified with it (8725-02)', () => {
    const rsa = key(RSA)
    pinAlgorithm(rsa, 'RS256')
    expect([...rsa.algorithms]).toEqual(['RS256'])
    pinAlgorithm(rsa, 'PS256')
    expect([...rsa.algorithms]).toEqual(['RS256'])
    expect(RSA.map((name) => isPinnedAway(rsa, name))).toEqual([false, true])
  })

  it('leaves both names of Ed25519: they are one algorithm (7518-08)', () => {
    const okp = key(['EdDSA', 'Ed25519'])
    pinAlgorithm(okp, 'EdDSA')
    expect([...okp.algorithms]).toEqual(['EdDSA', 'Ed25519'])
  })

  it('holds until the key is published again', () => {
    const rsa = key(RSA)
    pinAlgorithm(rsa, 'RS256')
    dropPins([rsa])
    expect([...rsa.algorithms]).toEqual(RSA)
    expect(RSA.map((name) => isPinnedAway(rsa, name))).toEqual([false, false])
  })

  it('keeps no key from an algorithm that it never verified', () => {
    expect(isPinnedAway(key(RSA), 'ES256')).toBe(false)
  })
})

describe('maySignFor', () => {
  it.each([
    ['a key that names no issuer, for any', undefined, ['https://id.test'], true],
    ['the same issuer', 'https://id.test', ['https://id.test'], true],
    ['another issuer', 'https://id.test', ['https://id.test/'], false],
    ['one spelling of the issuer', 'https://b.test', ['https://a.test', 'https://b.test'], true],
    ['no issuer', 'https://b.test', [], false],
  ])('%s', (_name, named, spellings, expected) => {
    expect(maySignFor(key(RSA, named), spellings)).toBe(expected)
  })
})
