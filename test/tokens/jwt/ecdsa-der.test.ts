import { generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { derOfEcdsa } from '../../../lib/tokens/jwt/ecdsa-der.js'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

describe('the DER form of an ECDSA signature (7518-04)', () => {
  it.each([
    ['small numbers', '0001 0002', '30 06 02 01 01 02 01 02'],
    ['a first bit that would mean a negative number', '0080 00ff', '30 08 02 02 0080 02 02 00ff'],
    ['numbers of full length', '7fff 8000', '30 09 02 02 7fff 02 03 008000'],
    ['nothing but zeros', '0000 0000', '30 06 02 01 00 02 01 00'],
  ])('has %s in their shortest form', (_what, signature, der) => {
    expect(derOfEcdsa(hex(signature))).toEqual(hex(der))
  })

  it('says a length above 127 in two bytes', () => {
    const half = Buffer.alloc(66, 0x7f)
    const der = derOfEcdsa(Buffer.concat([half, half]))
    expect(der.subarray(0, 3)).toEqual(hex('30 81 88'))
    expect(der).toHaveLength(3 + 2 * 68)
  })

  it.each([
    ['P-256', 'sha256', 32],
    ['P-384', 'sha384', 48],
    ['P-521', 'sha512', 66],
  ])(
    'of %s is verified where the signature itself is, and nowhere else',
    (namedCurve, hash, half) => {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve })
      const dsaEncoding = 'ieee-p1363'
      fc.assert(
        fc.property(
          fc.uint8Array({ maxLength: 50 }),
          fc.nat({ max: 2 * half }),
          (data, flipped) => {
            const signature = sign(hash, data, { key: privateKey, dsaEncoding })
            // The last position is past the end, and leaves the signature as it is.
            if (flipped < signature.length) signature[flipped]! ^= 1
            const expected = verify(hash, data, { key: publicKey, dsaEncoding }, signature)
            expect(verify(hash, data, publicKey, derOfEcdsa(signature))).toBe(expected)
          },
        ),
        { numRuns: 100 },
      )
      const noise = randomBytes(2 * half)
      expect(verify(hash, Buffer.from('data'), publicKey, derOfEcdsa(noise))).toBe(false)
    },
  )
})
