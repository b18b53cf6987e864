import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { importKeySet, KeyIgnored, matchingKeys } from '../../lib/keys/key-set.js'

const { publicKey } = generateKeyPairSync('ed25519')
const good = { ...publicKey.export({ format: 'jwk' }), kid: 'good' }
const foreign = { kty: 'FOO', kid: 'foreign' }

describe('a kid of which the issuer publishes a key that we cannot use', () => {
  it('is not that of a stranger: nobody can tell whether its tokens are good', () => {
    const set = importKeySet({ keys: [good, foreign] })
    const find = (): unknown => matchingKeys(set, 'foreign')
    expect(find).toThrow(KeyIgnored)
    expect(find).toThrow(
      'The issuer has a key of this "kid", which cannot be used: key 1: its type or curve is none we verify',
    )
    expect(new KeyIgnored('').name).toBe('KeyIgnored')
    expect(matchingKeys(set, 'stranger')).toEqual([])
    expect(matchingKeys(set, undefined)).toHaveLength(1)
  })

  it('finds the good key of its name', () => {
    const set = importKeySet({ keys: [good, { ...foreign, kid: 'good' }] })
    expect(matchingKeys(set, 'good')).toHaveLength(1)
  })

  it('may be no text, which harms no other key', () => {
    const set = importKeySet({ keys: [good, { ...foreign, kid: 7 }] })
    expect([set.keys.length, set.ignoredByKeyId.size]).toEqual([1, 0])
  })
})
