import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { isRocaModulus } from '../../../lib/keys/jwk/roca.js'
import { ROCA_PRIMORIAL as PRIMORIAL } from '../../support/roca.js'

describe('isRocaModulus', () => {
  it.each([1n, 65_537n, 65_537n ** 3n, 65_537n ** 1000n])(
    'knows a modulus of the form that the broken generator makes',
    (power) => {
      expect(isRocaModulus((power % PRIMORIAL) + PRIMORIAL * 123_456_789n)).toBe(true)
    },
  )

  it('lets the moduli of a sound generator pass', () => {
    for (let count = 0; count < 5; count += 1) {
      const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
      const { n = '' } = publicKey.export({ format: 'jwk' })
      const modulus = BigInt(`0x${Buffer.from(n, 'base64url').toString('hex')}`)
      expect(isRocaModulus(modulus)).toBe(false)
    }
  })

  it('lets a modulus pass that differs from the form for the largest prime alone', () => {
    const withoutLast = PRIMORIAL / 701n
    const candidate = Array.from({ length: 701 }, (_, index) => 1n + withoutLast * BigInt(index))
    const verdicts = candidate.map(isRocaModulus)
    expect(verdicts).toContain(true)
    expect(verdicts).toContain(false)
  })
})
