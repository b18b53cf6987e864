import { describe, expect, it } from '@jest/globals'
import type { AuthErrorReason, IssuerOptions } from '../../../lib/index.js'
import { judgeClaims } from '../../../lib/tokens/access/claim-rules.js'
import type { Claims } from '../../../lib/tokens/jwt/claims.js'
import {
  AUDIENCE,
  claimsWith,
  ISSUER,
  NOW,
  policyOf,
  reasonOf,
  refusalOf,
} from '../../support/policy.js'

function judged(
  changes: Claims,
  options: Partial<IssuerOptions> = {},
): AuthErrorReason | undefined {
  return reasonOf(() => judgeClaims(claimsWith(changes), policyOf(options), NOW))
}

function detailOf(changes: Claims, options: Partial<IssuerOptions> = {}): string | undefined {
  return refusalOf(() => judgeClaims(claimsWith(changes), policyOf(options), NOW))?.detail
}

describe('judgeClaims: times (7519-06 to 7519-10)', () => {
  it.each<[string, Claims, Partial<IssuerOptions>, AuthErrorReason | undefined]>([
    ['exp now', { exp: NOW }, {}, 'expired'],
    ['exp just ahead', { exp: NOW + 0.25 }, {}, undefined],
    ['exp within the tolerance', { exp: NOW - 9.75 }, { clockToleranceSeconds: 10 }, undefined],
    ['exp at the tolerance', { exp: NOW - 10 }, { clockToleranceSeconds: 10 }, 'expired'],
    ['no exp', { exp: undefined }, {}, 'missing_claim'],
    ['exp null', { exp: null }, {}, 'malformed_claim'],
    ['exp as text', { exp: String(NOW + 1) }, {}, 'malformed_claim'],
    ['exp without end', { exp: Infinity }, {}, 'malformed_claim'],
    ['exp NaN', { exp: Number.NaN }, {}, 'malformed_claim'],
    ['nbf now', { nbf: NOW }, {}, undefined],
    ['nbf ahead', { nbf: NOW + 0.25 }, {}, 'not_yet_valid'],
    ['nbf at the tolerance', { nbf: NOW + 10 }, { clockToleranceSeconds: 10 }, undefined],
    ['nbf past it', { nbf: NOW + 10.25 }, { clockToleranceSeconds: 10 }, 'not_yet_valid'],
    ['nbf as text', { nbf: '0' }, {}, 'malformed_claim'],
    ['iat now', { iat: NOW }, {}, undefined],
    ['no iat', { iat: undefined }, {}, undefined],
    ['iat ahead', { iat: NOW + 0.25 }, {}, 'issued_in_future'],
    ['iat at the tolerance', { iat: NOW + 10 }, { clockToleranceSeconds: 10 }, undefined],
    ['iat past it', { iat: NOW + 10.25 }, { clockToleranceSeconds: 10 }, 'issued_in_future'],
    ['iat as text', { iat: '0' }, {}, 'malformed_claim'],
    ['an age at the limit', { iat: NOW - 60 }, { maxAgeSeconds: 60 }, undefined],
    ['an age past it', { iat: NOW - 60.25 }, { maxAgeSeconds: 60 }, 'too_old'],
    [
      'an age within the tolerance',
      { iat: NOW - 70 },
      { maxAgeSeconds: 60, clockToleranceSeconds: 10 },
      undefined,
    ],
    [
      'an age past the tolerance',
      { iat: NOW - 70.25 },
      { maxAgeSeconds: 60, clockToleranceSeconds: 10 },
      'too_old',
    ],
    ['no age where one is wanted', { iat: undefined }, { maxAgeSeconds: 60 }, 'missing_claim'],
  ])('%s', (_name, changes, options, expected) => {
    expect(judged(changes, options)).toBe(expected)
  })

  it.each([Number.NaN, Infinity])('accept nothing at %p by the clock', (now) => {
    for (const changes of [{}, { nbf: NOW }, { iat: undefined }]) {
      const judge = (): unknown => judgeClaims(claimsWith(changes), policyOf(), now)
      expect(reasonOf(judge)).toBeDefined()
    }
  })

  it('name the claim that is missing, or is no number', () => {
    expect(detailOf({ exp: undefined })).toContain('"exp"')
    expect(detailOf({ iat: undefined }, { maxAgeSeconds: 60 })).toContain('"iat"')
    for (const name of ['exp', 'nbf', 'iat']) {
      expect(detailOf({ [name]: 'soon' })).toBe(`The claim "${name}" is not a number`)
    }
  })
})

const CLIENTS = { clientId: ['client-1', 'client-2'] }

describe('judgeClaims: audience and client (7519-05, 8725-15, 8707-02, 9700-10)', () => {
  it.each<[string, Claims, Partial<IssuerOptions>, AuthErrorReason]>([
    ['an ID token', { aud: 'client-1', nonce: 'n' }, {}, 'not_an_access_token'],
    ['a logout token', { aud: 'client-1', events: {} }, {}, 'not_an_access_token'],
    ['a refresh token', { aud: 'x', typ: 'Refresh' }, {}, 'not_an_access_token'],
    ['no audience', { aud: undefined, nonce: 'n' }, {}, 'not_an_access_token'],
    ['ID tokens alone', { aud: 'x', azp: 'x' }, { profile: 'id_token' }, 'wrong_audience'],
  ])(
    'a kind that is not taken is named before its audience, which nobody should add: %s',
    (_name, changes, options, expected) => {
      expect(judged(changes, options)).toBe(expected)
    },
  )

  it.each<[string, Claims, Partial<IssuerOptions>, AuthErrorReason | undefined]>([
    ['ours', {}, {}, undefined],
    ['ours among others', { aud: ['x', AUDIENCE] }, {}, undefined],
    ['one of our names', { aud: 'b' }, { audience: ['a', 'b'] }, undefined],
    ['another', { aud: 'x' }, {}, 'wrong_audience'],
    ['none', { aud: undefined }, {}, 'wrong_audience'],
    ['an empty list', { aud: [] }, {}, 'wrong_audience'],
    ['ours and a number', { aud: [AUDIENCE, 1] }, {}, 'malformed_claim'],
    ['a known client', {}, CLIENTS, undefined],
    ['a known client by azp', { client_id: undefined, azp: 'client-2' }, CLIENTS, undefined],
    ['another client', { client_id: 'client-3' }, CLIENTS, 'wrong_client'],
    ['no client', { client_id: undefined }, CLIENTS, 'wrong_client'],
    ['client_id before azp', { client_id: 'client-3', azp: 'client-1' }, CLIENTS, 'wrong_client'],
    ['a client that is no text', { client_id: ['client-1'] }, CLIENTS, 'malformed_claim'],
    ['a client as audience too', { aud: [AUDIENCE, 'client-1'] }, CLIENTS, undefined],
    ['another audience, a known client', { aud: 'x' }, CLIENTS, 'wrong_audience'],
    [
      'no audience, by client alone',
      { aud: undefined },
      { ...CLIENTS, audience: false },
      undefined,
    ],
    ['any audience, by client alone', { aud: 'x' }, { ...CLIENTS, audience: false }, undefined],
    [
      'the client itself, by client alone: an ID token',
      { aud: ['x', 'client-2'] },
      { ...CLIENTS, audience: false },
      'not_an_access_token',
    ],
    [
      'another client, by client alone',
      { aud: undefined, client_id: 'client-3' },
      { ...CLIENTS, audience: false },
      'wrong_client',
    ],
  ])('%s', (_name, changes, options, expected) => {
    expect(judged(changes, options)).toBe(expected)
  })

  it('tell the log what came, and Keycloak’s usual mistake where it is that', () => {
    const hint = /audience mapper/
    expect(detailOf({ aud: 'account' })).toMatch(hint)
    expect(detailOf({ aud: ['account'] })).toMatch(hint)
    expect(detailOf({ aud: ['account', 'x'] })).not.toMatch(hint)
    expect(detailOf({ aud: ['x'] })).not.toMatch(hint)
    expect(detailOf({ aud: [] })).toBe(`Expected one of ["${AUDIENCE}"], got []`)
    expect(detailOf({ aud: ['x', 'y'] })).toContain('got ["x","y"]')
    expect(detailOf({ aud: undefined })).toContain('got no aud')
  })
})

/** An ID token has neither scopes nor a client of its own kind. */
describe('judgeClaims: what a token must say (8725-23, 9068-04)', () => {
  it.each(['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'])(
    'the profile rfc9068 wants %s, the lenient one does not',
    (name) => {
      for (const value of [undefined, null, '']) {
        expect(judged({ [name]: value }, { profile: 'rfc9068' })).toBeDefined()
      }
      if (['exp', 'aud'].includes(name)) return
      expect(judged({ [name]: undefined })).toBeUndefined()
      expect(judged({ [name]: undefined }, { profile: 'rfc9068' })).toBe('missing_claim')
    },
  )

  it('the profile rfc9068 wants nothing else', () => {
    expect(judged({ scope: undefined }, { profile: 'rfc9068' })).toBeUndefined()
  })

  it.each<[unknown, AuthErrorReason | undefined]>([
    ['x', undefined],
    [0, undefined],
    [false, undefined],
    [[], undefined],
    ['', 'missing_claim'],
    [null, 'missing_claim'],
    [undefined, 'missing_claim'],
  ])('a required claim may not be %j', (value, expected) => {
    expect(judged({ org: value }, { requiredClaims: ['sub', 'org'] })).toBe(expected)
  })

  it('a required claim is not what every object has', () => {
    expect(judged({}, { requiredClaims: ['constructor'] })).toBe('missing_claim')
  })

  it.each<[unknown, AuthErrorReason | undefined]>([
    ['a', undefined],
    ['b', undefined],
    ['c', 'claim_mismatch'],
    ['', 'claim_mismatch'],
    [['a'], undefined],
    [['c', 'b'], undefined],
    [['c'], 'claim_mismatch'],
    [[['a']], 'claim_mismatch'],
    [[], 'claim_mismatch'],
    [undefined, 'claim_mismatch'],
    [true, 'claim_mismatch'],
  ])('an expected claim may be one of its values, or a list with one: %j', (tier, expected) => {
    const options = { expectedClaims: { tier: ['a', 'b'], iss: ISSUER } }
    expect(judged({ tier }, options)).toBe(expected)
  })

  it.each([
    [true, undefined],
    [false, 'claim_mismatch'],
    ['true', 'claim_mismatch'],
    [1, 'claim_mismatch'],
    [undefined, 'claim_mismatch'],
  ])('an expected claim may be a boolean: %j', (email_verified, expected) => {
    expect(judged({ email_verified }, { expectedClaims: { email_verified: true } })).toBe(expected)
  })

  it('each expected claim counts', () => {
    const options = { expectedClaims: { tier: 'a', region: 'eu' } }
    expect(judged({ tier: 'a', region: 'us' }, options)).toBe('claim_mismatch')
    expect(judged({ tier: 'b', region: 'eu' }, options)).toBe('claim_mismatch')
    expect(judged({ tier: 'a', region: 'eu' }, options)).toBeUndefined()
  })

  it('is not satisfied by a token of another kind', () => {
    const claims = { ...claimsWith(), nonce: 'n' }
    const judge = (type?: string): unknown => judgeClaims(claims, policyOf(), NOW, type)
    expect(reasonOf(() => judge())).toBe('not_an_access_token')
    expect(reasonOf(() => judge('at+jwt'))).toBeUndefined()
  })

  it('an expected claim stands in for the audience, but for a token that names one', () => {
    const options = { audience: false, expectedClaims: { org_id: 'org_1' } } as const
    expect(judged({ aud: undefined, org_id: 'org_1' }, options)).toBeUndefined()
    expect(judged({ aud: undefined, org_id: 'org_2' }, options)).toBe('claim_mismatch')
    expect(judged({ aud: AUDIENCE, org_id: 'org_1' }, options)).toBe('wrong_audience')
    expect(judged({ aud: [], org_id: 'org_1' }, options)).toBe('wrong_audience')
    expect(judged({ aud: null, org_id: 'org_1' }, options)).toBe('malformed_claim')
    expect(() => policyOf({ ...options, profile: 'id_token' })).toThrow(/"audience" must/)
    expect(() => policyOf({ audience: false, expectedClaims: {} })).toThrow(/"expectedClaims"/)
  })

  it.each([
    'scope',
    'azp',
    'client_id',
    'sid',
    'jti',
    'sub',
    'nbf',
    'iat',
    'cnf',
    'events',
    'nonce',
  ])('null is an absent %s', (name) => expect(judged({ [name]: null })).toBeUndefined())
})
