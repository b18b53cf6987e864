import { createSecretKey } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { countBeyondTries, keysToTry, rememberVerified } from '../../lib/keys/keys-to-try.js'
import type { VerificationKey } from '../../lib/keys/jwk/verification-key.js'

const keyObject = createSecretKey(Buffer.alloc(32))

function keysOf(count: number, algorithm = 'RS256'): readonly VerificationKey[] {
  const algorithms = new Set([algorithm])
  return Array.from({ length: count }, (_, index) => ({
    keyId: String(index),
    keyObject,
    published: algorithms,
    algorithms,
    issuer: undefined,
  }))
}

const ids = (keys: readonly VerificationKey[]): string => keys.map(({ keyId }) => keyId).join(' ')

describe('keysToTry', () => {
  it('takes all that fit, up to eight, in the order of the set', () => {
    expect(ids(keysToTry([...keysOf(8), ...keysOf(3, 'ES256')], 'RS256'))).toBe('0 1 2 3 4 5 6 7')
  })

  it('takes none that does not fit, however few there are', () => {
    expect(ids(keysToTry([...keysOf(2), ...keysOf(3, 'ES256')], 'ES256'))).toBe('0 1 2')
    expect(keysToTry(keysOf(2), 'ES256')).toEqual([])
    expect(keysToTry([...keysOf(9), ...keysOf(9, 'ES256')], 'ES256')).toHaveLength(8)
  })

  it('leaves the order of eight as it is, whichever verified last', () => {
    const keys = keysOf(8)
    rememberVerified(keys[7]!, keys)
    expect(ids(keysToTry(keys, 'RS256'))).toBe('0 1 2 3 4 5 6 7')
  })

  it('remembers which of eight verified, for when there are more', () => {
    const keys = keysOf(9)
    rememberVerified(keys[7]!, keys.slice(0, 8))
    expect(ids(keysToTry(keys, 'RS256'))).toMatch(/^7 /)
  })

  it('tries each of more by turn', () => {
    const keys = keysOf(20)
    const turns = [keysToTry(keys, 'RS256'), keysToTry(keys, 'RS256'), keysToTry(keys, 'RS256')]
    expect(turns.map((turn) => turn.length)).toEqual([8, 8, 8])
    expect(new Set(turns.flat()).size).toBe(20)
  })

  it('begins with those that verified last, and leaves two places to the others', () => {
    const keys = keysOf(5000)
    for (const index of [7, 4999, 42, 3, 11, 1234, 5]) rememberVerified(keys[index]!, keys)
    expect(ids(keysToTry(keys, 'RS256'))).toBe('5 1234 11 3 42 4999 0 1')
    expect(ids(keysToTry(keys, 'RS256'))).toBe('5 1234 11 3 42 4999 2 4')
  })
})

it.each([
  [0, keysOf(0)],
  [0, keysOf(8)],
  [1, keysOf(9)],
  [0, [...keysOf(8), ...keysOf(8, 'ES256')]],
  [12, [...keysOf(8), ...keysOf(20, 'ES256')]],
])('countBeyondTries: %d', (expected, keys) => {
  expect(countBeyondTries(keys)).toBe(expected)
})
