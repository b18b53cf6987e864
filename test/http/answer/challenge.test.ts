import { describe, expect, it } from '@jest/globals'
import { AuthError, type AuthErrorCode } from '../../../lib/index.js'
import { bearerChallenge, challengeFor } from '../../../lib/http/answer/challenge.js'

describe('bearerChallenge', () => {
  it('sends its parameters in one order, and those alone that are there', () => {
    expect(bearerChallenge({ realm: 'api' })).toBe('Bearer realm="api"')
    expect(
      bearerChallenge({
        scope: 'a b',
        error_description: 'why',
        error: 'invalid_token',
        realm: 'r',
      }),
    ).toBe('Bearer realm="r", error="invalid_token", error_description="why", scope="a b"')
  })

  it.each([
    ['quotes and backslashes, which would end the value', 'a"b\\"c', 'abc'],
    ['line breaks, which would begin a header', 'a\r\nSet-Cookie: b', 'a  Set-Cookie: b'],
    ['what is not ASCII', 'caf\u00E9 \u{1F600}', 'caf    '],
  ])('lets through no %s (6750-15)', (_name, value, sent) => {
    expect(bearerChallenge({ realm: value })).toBe(`Bearer realm="${sent}"`)
    expect(bearerChallenge({ realm: 'r', error: value })).toBe(`Bearer realm="r", error="${sent}"`)
    expect(bearerChallenge({ realm: 'r', error_description: value })).toBe(
      `Bearer realm="r", error_description="${sent}"`,
    )
    expect(bearerChallenge({ realm: 'r', scope: value })).toBe(`Bearer realm="r", scope="${sent}"`)
  })
})

function challenge(code: AuthErrorCode, scopes: readonly string[] = []): string | undefined {
  return challengeFor(new AuthError(code, { reason: 'scope_missing', scopes }), 'api')
}

describe('challengeFor', () => {
  it('names no error where no credential came (6750-21)', () => {
    expect(challenge('no_credential')).toBe('Bearer realm="api"')
    expect(challenge('no_credential', ['read', 'write'])).toBe(
      'Bearer realm="api", scope="read write"',
    )
  })

  it.each<AuthErrorCode>(['invalid_request', 'invalid_token', 'insufficient_scope'])(
    'names %s, with its text (6750-17)',
    (code) => {
      const { message } = new AuthError(code, { reason: 'revoked' })
      expect(challenge(code)).toBe(
        `Bearer realm="api", error="${code}", error_description="${message}"`,
      )
    },
  )

  it.each<AuthErrorCode>([
    'csrf_cross_site',
    'csrf_origin_mismatch',
    'csrf_origin_missing',
    'csrf_header_missing',
    'csrf_token_missing',
    'csrf_token_invalid',
    'too_many_requests',
    'temporarily_unavailable',
  ])('is none for %s: there is no credential to ask for', (code) => {
    expect(challenge(code, ['read'])).toBeUndefined()
  })

  it('leaves out what is no scope, as an app may have put it there', () => {
    expect(challenge('insufficient_scope', ['a b', 'read', '', '"'])).toMatch(/, scope="read"$/)
    expect(challenge('no_credential', ['"'])).toBe('Bearer realm="api"')
  })
})
