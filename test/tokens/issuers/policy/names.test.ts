import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../../lib/core/options/option-check.js'
import { issuerNames } from '../../../../lib/tokens/issuers/policy/names.js'

const check = optionCheck('guard')
const namesOf = (option: unknown): object => Object.fromEntries(issuerNames(check, option))
const [A, B, C] = ['https://a.test', 'https://a.test/v2', 'https://c.test'] as const

describe('the option issuer', () => {
  it.each<[string, unknown, object]>([
    ['one issuer', A, { [A]: A }],
    ['spellings of one, the first of which is its name', [A, B], { [A]: A, [B]: A }],
    ['issuers with their spellings', [[A, B], [C]], { [A]: A, [B]: A, [C]: C }],
    ['one below .well-known that is no metadata', `${A}/.well-known/x`, {}],
  ])('takes %s', (_name, option, names) => {
    expect(namesOf(option)).toMatchObject(names)
  })

  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /"issuer" must be a non-empty string/],
    ['an empty list', [], /"issuer" must be a non-empty string/],
    ['an empty list of spellings', [[A], []], /"issuer" must be a non-empty string/],
    ['strings beside lists, which could mean one or several', [A, [B]], /a list of these lists/],
    ['a spelling that comes twice', [[A], [A]], /name each spelling once/],
    [
      'the address of its metadata',
      `${A}/.well-known/openid-configuration`,
      /must be the "iss" of tokens: leave out \/\.well-known\/openid-configuration, or give this address as "discoveryUrl"/,
    ],
    [
      'the address of its metadata by RFC 8414',
      'https://a.test/.well-known/oauth-authorization-server/tenant',
      /leave out \/\.well-known\/oauth-authorization-server\/tenant/,
    ],
  ])('refuses %s', (_name, option, message) => {
    expect(() => namesOf(option)).toThrow(message)
  })

  it('is named in the complaint as the app wrote it', () => {
    expect(() => issuerNames(check, '', 'subjectIssuers')).toThrow(/"subjectIssuers" must/)
  })
})
