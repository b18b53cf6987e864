import { describe, expect, it } from '@jest/globals'
import { guessName } from '../../../lib/core/options/guess.js'

const NAMES = [
  'issuer',
  'audience',
  'jwksUri',
  'claims.scope',
  'cookie.trustedOrigins',
  'onEvent',
  'maxTokenChars',
]

describe('the option that was meant', () => {
  it.each<[string, string, string | undefined]>([
    ['has the words in another order', 'uriJwks', 'jwksUri'],
    ['stands in another option', 'scopeClaim', 'claims.scope'],
    ['is misspelt', 'issuers', 'issuer'],
    ['is misspelt by two letters', 'isuerr', 'issuer'],
    ['is misspelt by a third of its letters', 'maxTokenXxxxs', 'maxTokenChars'],
    ['is in another case', 'JWKSURI', 'jwksUri'],
    ['has some of the words of a longer name', 'origins', 'cookie.trustedOrigins'],
    ['is the name without what it stands in', 'trustedOrigin', 'cookie.trustedOrigins'],
    ['is none', 'colour', undefined],
    ['is none of three letters that all differ', 'xyz', undefined],
    ['is none where there are no words', '', undefined],
    ['is none where there are no letters', '123456', undefined],
  ])('%s: %s', (_name, name, meant) => {
    expect(guessName(name, NAMES)).toBe(meant)
  })

  it('is the nearest of several, and the first of those that are as near', () => {
    expect(guessName('abcd', ['abxx', 'abcx', 'xbcd'])).toBe('abcx')
  })

  it('is no better for a plural than for the word itself', () => {
    expect(guessName('scopes', ['scope', 'scopes'])).toBe('scope')
  })
})
