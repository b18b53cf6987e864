import { describe, expect, it } from '@jest/globals'
import { compactVerify, decodeProtectedHeader } from 'jose'
import { importKeySet, matchingKeys } from '../../../lib/keys/key-set.js'
import type { VerificationKey } from '../../../lib/keys/jwk/verification-key.js'
import { wycheproof } from '../../support/vectors.js'

const cases = wycheproof('json_web_key_test.json')

/** Whether one of the set's keys, for one of the algorithms it may verify, verifies the signature. */
async function verifies(jws: string, keys: unknown): Promise<boolean> {
  let found: readonly VerificationKey[]
  try {
    found = matchingKeys(importKeySet(keys), decodeProtectedHeader(jws).kid)
  } catch {
    return false
  }
  for (const key of found) {
    try {
      await compactVerify(jws, key.keyObject, { algorithms: [...key.algorithms] })
      return true
    } catch {
      // Not by this key.
    }
  }
  return false
}

describe('importKeySet, by the Wycheproof vectors for JSON web keys', () => {
  it('is judged by as many vectors as the file has, where it is there', () => {
    expect([0, 26]).toContain(cases.length)
  })

  for (const { id, comment, jws, keys, result } of cases) {
    it(`${id}: ${comment} (7518-02, 7518-03, 7518-05, 7518-06)`, async () => {
      const { alg = '' } = decodeProtectedHeader(jws)
      // A shared secret in a key set is nobody's key to us, valid though it is for others.
      const expected = result === 'valid' && !alg.startsWith('HS')
      expect(await verifies(jws, keys)).toBe(expected)
    })
  }
})
