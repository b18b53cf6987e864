import { describe, expect, it } from '@jest/globals'
import { guardTolerance } from '../../../../lib/core/auth/guard-tolerance.js'
import type { Auth, IssuerOptions } from '../../../../lib/index.js'
import { AuthError } from '../../../../lib/core/verdicts/errors.js'
import { meaningOf } from '../../../../lib/tokens/introspection/judging/meaning.js'
import { toAuth, type TokenMeaning } from '../../../../lib/tokens/access/to-auth.js'
import { AUDIENCE, claimsWith, ISSUER, NOW, policyOf, taken } from '../../../support/policy.js'

type Members = Readonly<Record<string, unknown>>

const OPAQUE = {
  token: 'opaque',
  transport: 'header',
  verified: undefined,
  mayLackType: false,
} as const
const said = (changes: Members = {}): Members => claimsWith({ token_type: 'Bearer', ...changes })

function meaning(
  claims: Members,
  options: Partial<IssuerOptions> = {},
  asked: Partial<Parameters<typeof meaningOf>[1]> = {},
): TokenMeaning | AuthError {
  const answer = { active: true, claims, key: undefined }
  return meaningOf(answer, { ...OPAQUE, ...asked }, policyOf(options), NOW)
}

const reason = (...args: Parameters<typeof meaning>): string | undefined => {
  const outcome = meaning(...args)
  return outcome instanceof AuthError ? outcome.reason : undefined
}

/** What was verified of a JWT before its issuer was asked. */
function verifiedWith(changes: Members = {}): Auth {
  const claims = claimsWith(changes)
  const text = { claims, payload: JSON.stringify(claims), signingInput: 'signed' }
  return taken(toAuth(text, policyOf(), 'header')).auth
}

describe('what an answer means', () => {
  it('is what a JWT with these claims means', () => {
    expect(taken(meaning(said())).auth).toMatchObject({
      issuer: ISSUER,
      subject: 'user-1',
      clientId: 'client-1',
      audience: [AUDIENCE],
      tokenId: 'token-1',
      expiresAt: NOW + 300,
      transport: 'header',
    })
  })

  it('is a refusal where it is not active, whatever else it says', () => {
    const answer = { active: false, claims: said(), key: undefined }
    expect(meaningOf(answer, OPAQUE, policyOf(), NOW)).toMatchObject({
      status: 401,
      reason: 'inactive_token',
    })
  })

  it('is of the issuer that was asked, where it names none', () => {
    expect(taken(meaning(said({ iss: undefined }))).auth.issuer).toBe(ISSUER)
  })

  it('is a refusal without an issuer, where one of several was asked', () => {
    const several = { issuer: [[ISSUER], ['https://other.test']] }
    expect(reason(said({ iss: undefined }), several)).toBe('unknown_issuer')
    expect(reason(said({ iss: 'https://other.test' }), several)).toBeUndefined()
  })

  it('is of the first spelling of an issuer that has several, where it names none', () => {
    const spellings = { issuer: [ISSUER, 'https://other.test'] }
    expect(taken(meaning(said({ iss: undefined }), spellings)).auth.issuer).toBe(ISSUER)
  })

  it.each<[string, Members, string]>([
    ['another issuer', { iss: 'https://evil.test' }, 'unknown_issuer'],
    ['an issuer that is no text', { iss: [ISSUER] }, 'malformed_claim'],
    ['another audience', { aud: 'https://other.test' }, 'wrong_audience'],
    ['no audience', { aud: undefined }, 'wrong_audience'],
    ['an end that has come', { exp: NOW }, 'expired'],
    ['an end that is no number', { exp: 'soon' }, 'malformed_claim'],
    ['a begin that is to come', { nbf: NOW + 1 }, 'not_yet_valid'],
    ['a begin that is no number', { exp: undefined, nbf: 'x' }, 'malformed_claim'],
    ['a type of refresh tokens', { token_type: 'refresh_token' }, 'wrong_type'],
    ['a type that is no text', { token_type: ['Bearer'] }, 'malformed_claim'],
    ['a use of ID tokens', { token_use: 'id' }, 'not_an_access_token'],
    ['a use that nobody knows', { token_use: 'other' }, 'not_an_access_token'],
    ['a use that is no text', { token_use: 1 }, 'malformed_claim'],
    ['DPoP, and no key', { token_type: 'DPoP' }, 'bound_token'],
    ['a scope that is no text', { scope: 7 }, 'malformed_claim'],
  ])('is a refusal with %s', (_what, changes, expected) => {
    expect(reason(said(changes))).toBe(expected)
  })

  it.each<[string, Members]>([
    ['the type access_token', { token_type: 'access_token' }],
    ['the type in another case', { token_type: 'BEARER' }],
    ['the use access', { token_type: undefined, token_use: 'access' }],
    ['the use access_token', { token_use: 'access_token' }],
    ['neither', { token_type: undefined }],
    ['DPoP, and its key', { token_type: 'dpop', cnf: { jkt: 'x' } }],
  ])('is taken with %s', (_what, changes) => {
    expect(reason(said(changes))).toBeUndefined()
  })

  it('is a refusal where neither audience nor type tells it from a refresh token', () => {
    const open = { audience: false, clientId: 'client-1' } as const
    const bare = said({ aud: undefined, token_type: undefined })
    expect(meaning(bare, open)).toMatchObject({
      reason: 'missing_claim',
      detail: expect.stringContaining('introspection.dangerouslyAllowMissingTokenType'),
    })
    expect(reason({ ...bare, token_type: 'Bearer' }, open)).toBeUndefined()
    expect(reason({ ...bare, token_use: 'access' }, open)).toBeUndefined()
    expect(reason(bare, open, { mayLackType: true })).toBeUndefined()
  })

  it('needs what is configured, and not what RFC 9068 wants of a JWT', () => {
    const short = said({ jti: undefined, sub: undefined, iat: undefined })
    expect(reason(short, { profile: 'rfc9068' })).toBeUndefined()
    expect(reason(short, { requiredClaims: ['sub'] })).toBe('missing_claim')
    expect(reason(said(), { expectedClaims: { tenant: 'a' } })).toBe('claim_mismatch')
  })

  it.each<[string, Members, Partial<IssuerOptions>, number]>([
    ['for ever', {}, {}, Infinity],
    ['as long as its age allows', {}, { maxAgeSeconds: 60 }, NOW + 60],
  ])('lasts %s without an end', (_how, changes, options, expected) => {
    const { auth } = taken(meaning(said({ exp: undefined, ...changes }), options))
    expect(auth.expiresAt).toBe(expected)
  })

  it('has the hash of the token for a name where it has no jti', () => {
    const [one, other] = ['a', 'b'].map(
      (token) => taken(meaning(said({ jti: undefined }), {}, { token })).auth.tokenId,
    )
    expect(one).toMatch(/^[\w-]{43}$/)
    expect(one).not.toBe(other)
  })
})

describe('what an answer about a JWT means', () => {
  const SIGNED = ['iss', 'sub', 'aud', 'client_id', 'azp', 'act', 'jti', 'sid', 'iat', 'nbf', 'cnf']

  it.each(SIGNED)('leaves %s as it was signed', (name) => {
    const values: Members = {
      iss: ISSUER,
      aud: AUDIENCE,
      act: { sub: 'a' },
      cnf: { jkt: 'k' },
      iat: NOW,
      nbf: NOW,
    }
    const own = values[name] ?? 'own'
    const verified = verifiedWith({ [name]: own })
    const others: Members = {
      iss: ISSUER,
      aud: [AUDIENCE],
      iat: NOW - 1,
      nbf: NOW - 1,
      cnf: { jkt: 'k' },
      act: { sub: 'b' },
    }
    const outcome = meaning(said({ [name]: others[name] ?? 'other' }), {}, { verified })
    expect(taken(outcome).auth.claims[name]).toEqual(own)
  })

  it('tells stores how far its guard lets clocks be apart', () => {
    const outcome = meaning(said({}), { clockToleranceSeconds: 7 }, { verified: verifiedWith() })
    expect(guardTolerance(taken(outcome).auth)).toBe(7)
  })

  it('grants what the answer says', () => {
    const { auth } = taken(meaning(said({ scope: 'less' }), {}, { verified: verifiedWith() }))
    expect([...auth.scopes]).toEqual(['less'])
  })

  it('fills in what the JWT leaves out, and takes the rest of it', () => {
    const verified = verifiedWith({ sub: undefined, tenant: 'a', jti: undefined })
    const { auth } = taken(meaning(said({ jti: 'other' }), {}, { verified }))
    expect(auth).toMatchObject({ subject: 'user-1', tokenId: verified.tokenId })
    expect(auth.claims['tenant']).toBe('a')
  })

  it.each([
    [NOW + 100, NOW + 100],
    [NOW + 900, NOW + 300],
  ])('ends when the earlier of both does (%i)', (exp, expected) => {
    const { auth } = taken(meaning(said({ exp }), {}, { verified: verifiedWith() }))
    expect(auth.expiresAt).toBe(expected)
  })

  it.each<[string, unknown, unknown]>([
    ['the same key', { jkt: 'a' }, { jkt: 'a' }],
    ['a key where none is signed', undefined, { jkt: 'a' }],
    ['no key where one is signed', { jkt: 'a' }, undefined],
  ])('is bound where it names %s', (_what, signed, told) => {
    const verified = verifiedWith({ cnf: signed })
    const { auth } = taken(meaning(said({ cnf: told }), {}, { verified }))
    expect(auth.claims['cnf']).toEqual({ jkt: 'a' })
  })

  it.each<[string, unknown]>([
    ['another key', { jkt: 'b' }],
    ['a further key', { jkt: 'a', 'x5t#S256': 'b' }],
  ])('is a refusal where it names %s', (_what, cnf) => {
    const verified = verifiedWith({ cnf: { jkt: 'a' } })
    expect(reason(said({ cnf }), {}, { verified })).toBe('bound_token')
  })

  it('is a refusal where a claim of the answer has another type than it must have', () => {
    expect(reason(said({ scope: 7 }), {}, { verified: verifiedWith() })).toBe('malformed_claim')
  })
})
