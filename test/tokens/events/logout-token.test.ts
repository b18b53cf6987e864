import { describe, expect, it } from '@jest/globals'
import { AuthError } from '../../../lib/core/verdicts/errors.js'
import { judgeLogoutClaims, type LogoutRules } from '../../../lib/tokens/events/logout-token.js'
import type { Claims } from '../../../lib/tokens/jwt/claims.js'

const NOW = 1_800_000_000
const ISSUER = 'https://id.test'
const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'

const RULES: LogoutRules = {
  clientIds: ['client'],
  clockToleranceSeconds: 5,
  maxAgeSeconds: 600,
  allowMissingExp: false,
  revocationIssuers: new Map([[`${ISSUER}/`, ISSUER]]),
}
const CLAIMS = {
  iss: ISSUER,
  aud: 'client',
  iat: NOW,
  exp: NOW + 60,
  jti: 'id',
  sid: 'session',
  events: { [LOGOUT_EVENT]: {} },
}

function judge(changes: Claims, rules: Partial<LogoutRules> = {}): unknown {
  const all: Claims = { ...CLAIMS, ...changes }
  const claims = Object.entries(all).filter(([, value]) => value !== undefined)
  return judgeLogoutClaims(Object.fromEntries(claims), { ...RULES, ...rules }, NOW)
}

/** The token, or the reason of the refusal. */
function judged(changes: Claims, rules: Partial<LogoutRules> = {}): unknown {
  const outcome = judge(changes, rules)
  return outcome instanceof AuthError ? outcome.reason : outcome
}

describe('judgeLogoutClaims', () => {
  it('tells which session ended, of which user, and when (BCL-12)', () => {
    expect(judged({ sub: 'user-1' })).toEqual({
      issuer: ISSUER,
      revocationIssuer: ISSUER,
      subject: 'user-1',
      sessionId: 'session',
      issuedAt: NOW,
    })
  })

  it('names the issuer for revocations by its first spelling', () => {
    const spelt = { issuer: `${ISSUER}/`, revocationIssuer: ISSUER }
    expect(judged({ iss: `${ISSUER}/` })).toMatchObject(spelt)
  })

  it.each<[string, Claims, object]>([
    ['a session alone', {}, { subject: undefined, sessionId: 'session' }],
    ['a user alone', { sid: undefined, sub: 'u' }, { subject: 'u', sessionId: undefined }],
    ['a session, where the user is null', { sub: null }, { sessionId: 'session' }],
    ['a user, where the session is null', { sid: null, sub: 'u' }, { sessionId: undefined }],
  ])('may name %s', (_name, changes, expected) => {
    expect(judged(changes)).toMatchObject(expected)
  })

  it.each<[string, Claims, string]>([
    ['no iat', { iat: undefined }, 'missing_claim'],
    ['iat as text', { iat: '1' }, 'malformed_claim'],
    ['no exp', { exp: undefined }, 'missing_claim'],
    ['exp null', { exp: null }, 'malformed_claim'],
    ['an exp that is past', { exp: NOW - 5 }, 'expired'],
    ['an iat to come', { iat: NOW + 6 }, 'issued_in_future'],
    ['an iat that is too old', { iat: NOW - 606 }, 'too_old'],
    ['no aud', { aud: undefined }, 'wrong_audience'],
    ['another client beside ours', { aud: ['client', 'x'] }, 'wrong_audience'],
    ['no events', { events: undefined }, 'not_a_logout_token'],
    ['another event', { events: { 'urn:x': {} } }, 'not_a_logout_token'],
    ['the event as a text', { events: LOGOUT_EVENT }, 'not_a_logout_token'],
    ['the event without an object', { events: { [LOGOUT_EVENT]: true } }, 'not_a_logout_token'],
    ['a nonce', { nonce: 'n' }, 'not_a_logout_token'],
    ['even a nonce that is null', { nonce: null }, 'not_a_logout_token'],
    ['no jti', { jti: undefined }, 'missing_claim'],
    ['jti as a number', { jti: 7 }, 'malformed_claim'],
    ['neither sub nor sid', { sid: undefined }, 'missing_claim'],
    ['an empty sub', { sub: '' }, 'missing_claim'],
    ['a sub that is no text', { sub: 7 }, 'malformed_claim'],
    ['an empty sid', { sid: '', sub: 'u' }, 'missing_claim'],
    ['a sid that is no text', { sid: 7 }, 'malformed_claim'],
    ['no issuer', { iss: undefined }, 'missing_claim'],
    ['an issuer that is no text', { iss: [ISSUER] }, 'malformed_claim'],
  ])('refuses %s', (_name, changes, reason) => {
    expect(judged(changes)).toBe(reason)
  })

  it.each([
    ['iat', { iat: undefined }],
    ['exp', { exp: undefined }],
    ['jti', { jti: undefined }],
    ['sub" or "sid', { sid: undefined }],
  ])('says that a token has no "%s"', (name, changes) => {
    expect(judge(changes)).toHaveProperty(
      'detail',
      expect.stringMatching(new RegExp(`^The logout token has no "${name}"`)),
    )
  })

  it('says how an issuer without exp is taken', () => {
    expect(judge({ exp: undefined })).toMatchObject({
      detail: expect.stringContaining('set "allowMissingExp"') as unknown,
    })
  })

  describe('where exp may be missing', () => {
    const rules = { allowMissingExp: true }

    it.each<[string, Claims, unknown]>([
      ['as old as may be', { exp: undefined, iat: NOW - 604 }, undefined],
      ['older', { exp: undefined, iat: NOW - 605 }, 'expired'],
      ['with an exp that is past', { exp: NOW - 5 }, 'expired'],
      ['with an exp that is null', { exp: null }, 'malformed_claim'],
      ['without iat', { exp: undefined, iat: undefined }, 'missing_claim'],
    ])('judges a token %s', (_name, changes, reason) => {
      const outcome = judged(changes, rules)
      expect(typeof outcome === 'string' ? outcome : undefined).toBe(reason)
    })
  })

  it('takes other events beside the logout', () => {
    const events = { [LOGOUT_EVENT]: { more: 1 }, 'urn:x': 7 }
    expect(judged({ events })).toMatchObject({ sessionId: 'session' })
  })
})
