import { describe, expect, it } from '@jest/globals'
import { AuthError, invalidToken } from '../../../lib/core/verdicts/errors.js'
import type { IssuerOptions } from '../../../lib/index.js'
import { toAuth, type TokenMeaning } from '../../../lib/tokens/access/to-auth.js'
import type { Claims } from '../../../lib/tokens/jwt/claims.js'
import { AUDIENCE, claimsWith, ISSUER, policyOf, taken } from '../../support/policy.js'

function meaningOf(claims: Claims, options: Partial<IssuerOptions> = {}): TokenMeaning | AuthError {
  const jwt = { signingInput: 'a.b', claims, payload: JSON.stringify(claims) }
  return toAuth(jwt, policyOf(options), 'header')
}

describe('toAuth refuses a token', () => {
  it.each<[string, Claims, Partial<IssuerOptions>?]>([
    ['an issuer', { iss: [ISSUER] }],
    ['a time', { exp: 'never' }],
    ['a subject', { sub: 7 }],
    ['a client', { client_id: ['client-1'] }],
    ['an actor', { act: 'somebody' }],
    ['an audience', { aud: { [AUDIENCE]: true } }],
    ['a scope', { scope: 7 }],
    ['an id', { jti: 7 }],
    ['a session', { sid: {} }],
    ['a version', { ver: '7' }, { claims: { version: 'ver' } }],
  ])('with %s of another type than it must have', (_what, changes, options = {}) => {
    expect(meaningOf(claimsWith(changes), options)).toMatchObject({
      code: 'invalid_token',
      reason: 'malformed_claim',
    })
  })

  it('whose id a function of the app refuses', () => {
    const refusal = invalidToken('revoked')
    const tokenId = (): never => {
      throw refusal
    }
    expect(meaningOf(claimsWith(), { claims: { tokenId } })).toBe(refusal)
  })

  it('without an end, unless its times are told otherwise', () => {
    const claims = claimsWith({ exp: undefined })
    expect(meaningOf(claims)).toMatchObject({ reason: 'missing_claim' })
    const jwt = { signingInput: 'a.b', claims, payload: '{}' }
    const times = { expiresAt: 7, notBefore: undefined, issuedAt: 5 }
    expect(toAuth(jwt, policyOf(), 'header', times)).toMatchObject({
      auth: { expiresAt: 7, issuedAt: 5 },
      times,
    })
    const refusal = invalidToken('expired')
    expect(toAuth(jwt, policyOf(), 'header', refusal)).toBe(refusal)
  })
})

const bytesOf = (changes: Claims, options?: Partial<IssuerOptions>): number =>
  taken(meaningOf(claimsWith(changes), options)).bytes

describe('the weight of what a token means', () => {
  it('grows with its text, with what it allows, and with who acts for its user', () => {
    const least = bytesOf({})
    expect(bytesOf({ sub: 'x'.repeat(1000) })).toBeGreaterThan(least + 900)
    const roles = Array.from({ length: 100 }, (_, index) => `r${index}`)
    const allowed = bytesOf({ groups: roles }, { claims: { roles: 'groups' } })
    expect(allowed - bytesOf({ groups: roles })).toBe(100 * 96)
    const act = { sub: 'service', act: { sub: 'another' } }
    expect(bytesOf({ act })).toBeGreaterThan(bytesOf({ act: undefined, other: act }))
  })
})
