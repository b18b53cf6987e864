import { createECDH, createPrivateKey, type JsonWebKey } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { importKeySet } from '../../../lib/keys/key-set.js'
import { importDecryptionKey, isSameKey } from '../../../lib/tokens/jwt/encrypted.js'

const CURVES = [
  ['P-256', 'prime256v1', 32],
  ['P-384', 'secp384r1', 48],
  ['P-521', 'secp521r1', 66],
] as const

/** A key pair of which this coordinate begins with a zero byte: one in 256 of most curves. */
function pairWith(name: 'x' | 'y', crv: string, curve: string, bytes: number): JsonWebKey {
  const ecdh = createECDH(curve)
  for (;;) {
    ecdh.generateKeys()
    const point = ecdh.getPublicKey()
    const x = point.subarray(1, 1 + bytes)
    const y = point.subarray(1 + bytes)
    if ((name === 'x' ? x : y)[0] !== 0) continue
    const d = Buffer.alloc(bytes)
    ecdh.getPrivateKey().copy(d, bytes - ecdh.getPrivateKey().length)
    const [px, py, pd] = [x, y, d].map((part) => part.toString('base64url'))
    return { kty: 'EC', crv, x: px!, y: py!, d: pd! }
  }
}

function cut(member: string | undefined): string {
  return Buffer.from(member ?? '', 'base64url')
    .subarray(1)
    .toString('base64url')
}

const CASES = CURVES.flatMap((curve) =>
  (['x', 'y'] as const).map((name) => [name, ...curve] as const),
)

describe('an EC key whose coordinate was written without its leading zero (7518-06)', () => {
  it.each(CASES)('is the same key: %s of %s', (name, crv, curve, bytes) => {
    const { d: _d, ...jwk } = pairWith(name, crv, curve, bytes)
    const short = { ...jwk, [name]: cut(jwk[name]) }
    const set = importKeySet({ keys: [jwk] })
    const same = importKeySet({ keys: [short, jwk] }, set)
    expect(same).toBe(set)
    expect(same.ignored).toEqual([])
  })

  it.each(CASES)(
    'is compromised where its private half is published: %s of %s',
    (name, crv, curve, bytes) => {
      const pair = pairWith(name, crv, curve, bytes)
      const { d: _d, ...jwk } = pair
      const given = { ...pair, [name]: cut(pair[name]), kid: 'given' }
      const set = importKeySet({ keys: [given, { ...jwk, kid: 'other' }] })
      expect([...set.compromised.keys()].map(String).toSorted()).toEqual(['given', 'other'])
      expect(set.keys).toEqual([])
    },
  )

  it.each(CASES)('decrypts as it is: %s of %s', (name, crv, curve, bytes) => {
    const pair = pairWith(name, crv, curve, bytes)
    const short = importDecryptionKey({ ...pair, [name]: cut(pair[name]) })
    const keyObject = createPrivateKey({ key: pair, format: 'jwk' })
    expect(isSameKey(short, { keyId: undefined, keyObject })).toBe(true)
  })
})
