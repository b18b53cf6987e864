import { describe, expect, it } from '@jest/globals'
import { isVerdict, noVerdict, revokedToken } from '../../../lib/revocation/asking/verdict.js'
import type { RevokedBy } from '../../../lib/revocation/store.js'

describe('the answer of a store', () => {
  it.each<[unknown, boolean]>([
    [{ revoked: false }, true],
    [{ revoked: true, by: 'token' }, true],
    [{ revoked: 'false' }, false],
    [{ revoked: undefined }, false],
    [{}, false],
    [[], false],
    [false, false],
    [null, false],
    [undefined, false],
  ])('%j is a verdict: %s', (value, expected) => {
    expect(isVerdict(value)).toBe(expected)
  })

  it('that is none is a fault of the store', () => {
    expect(noVerdict()).toEqual(new TypeError('check() of the store returned no verdict'))
  })
})

describe('a token that is revoked', () => {
  it.each<[RevokedBy, string, RegExp]>([
    ['token', 'revoked', /^Revoked by token$/],
    ['session', 'revoked', /^Revoked by session$/],
    ['subject', 'revoked', /^Revoked by subject$/],
    ['client', 'revoked', /^Revoked by client$/],
    ['version', 'revoked', /^Revoked by version$/],
    ['issuer', 'revoked', /^Revoked by issuer$/],
    ['all', 'revoked', /^Revoked by all$/],
    ['floor', 'before_floor', /fresh token is accepted/],
    ['lifetime', 'lifetime_exceeds_store', /Raise "maxTokenLifetimeSeconds"/],
  ])('by %s is refused as %s', (by, reason, detail) => {
    expect(revokedToken(by)).toMatchObject({
      code: 'invalid_token',
      reason,
      detail: expect.stringMatching(detail),
    })
  })
})
