import { describe, expect, it } from '@jest/globals'
import { issuerName } from '../../lib/revocation/issuer-name.js'

describe('the name of an issuer for revocations', () => {
  it.each([
    [
      'is the first spelling where it has several',
      { revocationIssuer: 'https://a.test' },
      'https://a.test',
    ],
    ['is the issuer itself where it has one', {}, 'https://a.test/'],
    [
      'is the issuer itself where the other is undefined',
      { revocationIssuer: undefined },
      'https://a.test/',
    ],
  ])('%s', (_name, more, expected) => {
    expect(issuerName({ issuer: 'https://a.test/', ...more })).toBe(expected)
  })
})
