import { describe, expect, it } from '@jest/globals'
import { policyOf } from '../../../support/policy.js'

/** Compiles options, some of which the types would not allow. */
const compile = (options: object): ReturnType<typeof policyOf> => policyOf(options)

describe('compileIssuer: the audience', () => {
  it('is compared letter by letter, or as a URI', () => {
    expect(compile({}).audienceMatch).toBe('exact')
    expect(compile({ audienceMatch: 'exact' }).audienceMatch).toBe('exact')
    expect(compile({ audienceMatch: 'uri' }).audienceMatch).toBe('uri')
    expect(() => compile({ audienceMatch: 'prefix' })).toThrow(/"audienceMatch" must be/)
  })

  it('may be missing where something else says for whom a token is', () => {
    const expectedClaims = { tenant: 'a' }
    expect(compile({ audience: false, expectedClaims }).audiences).toBeUndefined()
    expect(compile({ audience: false, clientId: 'a' }).audiences).toBeUndefined()
    for (const options of [{}, { expectedClaims: {} }, { expectedClaims, profile: 'id_token' }]) {
      expect(() => compile({ audience: false, ...options })).toThrow(
        '"audience" must be given, or "clientId" or "expectedClaims" where the issuer sends no "aud" (an ID token needs the former)',
      )
    }
  })
})

describe('compileIssuer: "expectedClaims"', () => {
  it.each([
    [true, [true]],
    [
      [true, false],
      [true, false],
    ],
    ['a', ['a']],
    [
      ['a', true],
      ['a', true],
    ],
  ])('may be %j', (value, values) => {
    const { expectedClaims } = compile({ expectedClaims: { claim: value } })
    expect(expectedClaims.get('claim')).toEqual(values)
  })

  it.each([[7], [null], [[]], [['a', 7]], [[true, 7]], ['']])('refuse %j by its name', (value) => {
    expect(() => compile({ expectedClaims: { claim: value } })).toThrow(/"expectedClaims\.claim"/)
  })
})
