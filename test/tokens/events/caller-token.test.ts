import { describe, expect, it } from '@jest/globals'
import { AuthError } from '../../../lib/core/verdicts/errors.js'
import { judgeCallerClaims, type CallerRules } from '../../../lib/tokens/events/caller-token.js'
import type { Claims } from '../../../lib/tokens/jwt/claims.js'

const NOW = 1_800_000_000
const ENDPOINT = 'https://api.test/revoke'

const RULES: CallerRules = {
  audiences: [ENDPOINT],
  clientIds: ['okta'],
  clockToleranceSeconds: 5,
  maxAgeSeconds: 300,
}
const CLAIMS = {
  iss: 'https://id.test',
  aud: ENDPOINT,
  sub: 'okta',
  iat: NOW,
  exp: NOW + 300,
  jti: 'id',
}

/** The token, or the reason of the refusal. */
function judged(changes: Claims, rules: Partial<CallerRules> = {}): unknown {
  const outcome = judgeCallerClaims({ ...CLAIMS, ...changes }, { ...RULES, ...rules }, NOW)
  return outcome instanceof AuthError ? outcome.reason : outcome
}

describe('judgeCallerClaims', () => {
  it('tells whose token it is, by which name it is good once, and until when', () => {
    expect(judged({})).toEqual({ issuer: CLAIMS.iss, tokenId: 'id', expiresAt: NOW + 300 })
    expect(judged({ iss: undefined })).toMatchObject({ issuer: '' })
  })

  it.each<[string, Claims, string]>([
    ['no exp', { exp: undefined }, 'missing_claim'],
    ['exp as text', { exp: '1' }, 'malformed_claim'],
    ['no iat', { iat: undefined }, 'missing_claim'],
    ['an exp that is past', { exp: NOW - 5 }, 'expired'],
    ['an nbf to come', { nbf: NOW + 6 }, 'not_yet_valid'],
    ['an iat to come', { iat: NOW + 6 }, 'issued_in_future'],
    ['an iat that is too old', { iat: NOW - 306, exp: NOW - 6 + 300 }, 'too_old'],
    ['a life of more than it may have', { exp: NOW + 301 }, 'too_old'],
    ['no aud', { aud: undefined }, 'wrong_audience'],
    ['the URL of another endpoint', { aud: 'https://api.test/other' }, 'wrong_audience'],
    ['another endpoint beside ours', { aud: [ENDPOINT, 'x'] }, 'wrong_audience'],
    ['another client', { sub: 'evil' }, 'wrong_client'],
    ['no client', { sub: undefined }, 'wrong_client'],
    ['a client that is no text', { sub: ['okta'] }, 'malformed_claim'],
    ['no jti, so that it could be used again', { jti: undefined }, 'missing_claim'],
    ['an empty jti', { jti: '' }, 'missing_claim'],
    ['an issuer that is no text', { iss: 7 }, 'malformed_claim'],
  ])('refuses %s', (_name, changes, reason) => {
    expect(judged(changes)).toBe(reason)
  })

  it.each(['iat', 'jti'])('says that a token has no "%s"', (name) => {
    expect(judgeCallerClaims({ ...CLAIMS, [name]: undefined }, RULES, NOW)).toMatchObject({
      detail: `The token has no "${name}"`,
    })
  })

  it('takes any client, and a long life, where nothing bounds them', () => {
    expect(judged({ sub: undefined }, { clientIds: undefined })).toMatchObject({ tokenId: 'id' })
    const rules = { maxAgeSeconds: undefined }
    expect(judged({ iat: undefined }, rules)).toBe('missing_claim')
    expect(judged({ exp: NOW + 99_999 }, rules)).toMatchObject({ tokenId: 'id' })
  })
})
