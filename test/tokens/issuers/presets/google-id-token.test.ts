import { describe, expect, it } from '@jest/globals'
import {
  googleIdToken,
  GOOGLE_MISTAKES,
} from '../../../../lib/tokens/issuers/presets/google-id-token.js'

describe('googleIdToken', () => {
  it('takes ID tokens of the apps, by both spellings of the issuer', () => {
    expect(googleIdToken({ clientIds: ['a', 'b'] })).toEqual({
      issuer: ['https://accounts.google.com', 'accounts.google.com'],
      audience: ['a', 'b'],
      jwksUri: 'https://www.googleapis.com/oauth2/v3/certs',
      algorithms: ['RS256'],
      profile: 'id_token',
    })
  })

  it('knows its options', () => {
    expect(() => googleIdToken({ clientId: 'a', clientIds: 'a' })).not.toThrow()
    expect(() => googleIdToken({ client: 'a' } as never)).toThrow('googleIdToken: unknown option')
  })

  it.each([
    ['https://accounts.google.com', true],
    ['accounts.google.com', true],
    ['http://accounts.google.com', false],
    ['https://accounts.google.com.evil.test', false],
    ['https://accounts.google.com/', false],
  ])('knows its users: %s', (issuer, known) => {
    expect(GOOGLE_MISTAKES.issuer.test(issuer)).toBe(known)
    expect(GOOGLE_MISTAKES.fixes.malformed_token).toMatch(/access tokens are opaque/)
  })
})
