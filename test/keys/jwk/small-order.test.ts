import { generateKeyPairSync } from 'node:crypto'
import { expect, it } from '@jest/globals'
import { isSmallOrderKey } from '../../../lib/keys/jwk/small-order.js'

/**
 * The points of the Edwards curve whose order is 8 or less, and other spellings of them: with one
 * of them as the key, anybody can make signatures that verify.
 */
const SMALL_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000080',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000080',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
]

it.each(SMALL_ORDER)('isSmallOrderKey: %s is one', (hex) => {
  expect(isSmallOrderKey(Buffer.from(hex, 'hex'))).toBe(true)
})

it('isSmallOrderKey: a key that was generated is none', () => {
  const { x = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
  expect(isSmallOrderKey(Buffer.from(x, 'base64url'))).toBe(false)
})
