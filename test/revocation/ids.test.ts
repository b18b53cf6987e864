import { describe, expect, it } from '@jest/globals'
import { compactId, idDigest } from '../../lib/revocation/ids.js'

const LONG = 'x'.repeat(65)

describe('the digest of an id', () => {
  it('is the same in each build: Redis holds what an earlier one wrote', () => {
    expect(idDigest('user-1')).toBe('~tb-G6kmq-i_ilQbnaW7jQ0SZ_NQCRwB-LWeJAa8UeuI')
  })

  it('tells ids apart that differ in a lone surrogate', () => {
    expect(idDigest('a\ud800')).not.toBe(idDigest('a\ud801'))
  })
})

describe('an id in a store', () => {
  it.each<[string, string, string]>([
    ['is kept as it is up to 64 characters', 'x'.repeat(64), 'x'.repeat(64)],
    ['is kept as it is where it is empty', '', ''],
    ['is kept as a digest beyond that', LONG, idDigest(LONG)],
    [
      'that looks like the digest of another is not taken for it',
      idDigest(LONG),
      idDigest(idDigest(LONG)),
    ],
  ])('%s', (_name, id, expected) => {
    expect(compactId(id)).toBe(expected)
  })
})
