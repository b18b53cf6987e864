import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../../lib/core/options/option-check.js'
import { issuerNames } from '../../../../lib/tokens/issuers/policy/names.js'

const check = optionCheck('requireBearer')

describe('issuerNames', () => {
  it.each<[string, unknown, Readonly<Record<string, string>>]>([
    ['one issuer', 'a', { a: 'a' }],
    ['spellings of one', ['a', 'a/'], { a: 'a', 'a/': 'a' }],
    [
      'a name below .well-known that is no metadata',
      'a/.well-known/x',
      { 'a/.well-known/x': 'a/.well-known/x' },
    ],
    ['several issuers', [['a', 'a/'], ['b']], { a: 'a', 'a/': 'a', b: 'b' }],
  ])('names each spelling by the first of its issuer: %s', (_name, option, names) => {
    expect(Object.fromEntries(issuerNames(check, option))).toEqual(names)
  })

  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /"issuer" must/],
    ['an empty name', '', /"issuer" must/],
    ['no names', [], /"issuer" must/],
    ['an issuer without a name', [[]], /"issuer" must/],
    ['a number', [7], /"issuer" must/],
    ['both kinds of items, which could mean two things', ['a', ['b']], /a list of these lists/],
    ['a spelling twice', ['a', 'a'], /must name each spelling once/],
    [
      'the address of its metadata',
      'https://a.test/.well-known/openid-configuration',
      /must be the "iss" of tokens: leave out \/\.well-known\/openid-configuration, or give this address as "discoveryUrl"/,
    ],
    [
      'the address of its metadata by RFC 8414',
      'https://a.test/.well-known/oauth-authorization-server/tenant',
      /leave out \/\.well-known\/oauth-authorization-server\/tenant/,
    ],
    ['a spelling of two issuers', [['a'], ['b', 'a']], /must name each spelling once/],
  ])('refuses %s', (_name, option, complaint) => {
    expect(() => issuerNames(check, option)).toThrow(complaint)
  })

  it('complains by the name of the option', () => {
    expect(() => issuerNames(check, '', 'accepts')).toThrow(/^requireBearer: "accepts" must /)
  })
})
