import { describe, expect, it } from '@jest/globals'
import {
  challengesFor,
  renderChallenge,
  triedScheme,
} from '../../../lib/core/verdicts/challenge.js'
import { AuthError, type AuthErrorCode } from '../../../lib/core/verdicts/errors.js'
import { DEFAULT_STYLE } from '../../../lib/core/verdicts/style.js'

describe('renderChallenge', () => {
  it('sends parameters in the order they are given, each name once (6750-11)', () => {
    expect(renderChallenge('Bearer', [['realm', 'api']])).toBe('Bearer realm="api"')
    const doubled = [
      ['realm', 'a'],
      ['error', 'e'],
      ['realm', 'b'],
    ] as const
    expect(renderChallenge('DPoP', doubled)).toBe('DPoP realm="a", error="e"')
  })

  it.each([
    ['quotes and backslashes, which would end the value', 'a"b\\"c', 'abc'],
    ['line breaks, which would begin a header', 'a\r\nSet-Cookie: b', 'a  Set-Cookie: b'],
    ['what is not ASCII', 'caf\u00E9 \u{1F600}', 'caf    '],
  ])('lets through no %s (6750-15)', (_name, value, sent) => {
    for (const name of ['realm', 'error', 'error_description', 'scope', 'resource_metadata']) {
      expect(renderChallenge('Bearer', [[name, value]])).toBe(`Bearer ${name}="${sent}"`)
    }
  })
})

function challenge(code: AuthErrorCode, scopes: readonly string[] = []): string | undefined {
  const error = new AuthError(code, { reason: 'scope_missing', scopes })
  return challengesFor(error, DEFAULT_STYLE)[0]
}

describe('challengesFor', () => {
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

  it('adds what the style says, one challenge a scheme, and lets it replace nothing', () => {
    const error = new AuthError('invalid_token', { reason: 'expired' })
    const challengeParameters = [
      ['resource_metadata', 'https://api.test/.well-known/oauth-protected-resource'],
      ['error', 'other'],
    ] as const
    const style = { ...DEFAULT_STYLE, challengeParameters, schemes: ['DPoP', 'Bearer'] }
    const rest = `realm="api", error="invalid_token", error_description="${error.message}", resource_metadata="https://api.test/.well-known/oauth-protected-resource"`
    expect(challengesFor(error, style)).toEqual([`DPoP ${rest}`, `Bearer ${rest}`])
  })

  it('sends the parameters of an error after those of RFC 6750, which they cannot replace (9470-10)', () => {
    const parameters = [
      ['acr_values', 'phr mfa'],
      ['max_age', '300'],
      ['Realm', 'other'],
    ] as const
    const code = 'insufficient_user_authentication'
    const error = new AuthError(code, {
      reason: 'login_too_weak',
      scopes: ['read'],
      challenge: parameters,
    })
    const challengeParameters = [['resource_metadata', 'https://api.test/m']] as const
    const style = { ...DEFAULT_STYLE, challengeParameters, schemes: ['DPoP'] }
    expect(challengesFor(error, style)).toEqual([
      `DPoP realm="api", error="${code}", error_description="${error.message}", scope="read", acr_values="phr mfa", max_age="300", resource_metadata="https://api.test/m"`,
    ])
  })

  it.each(['', 'a b', 'a"', 'a\r\nSet-Cookie: b', 'a=', 'caf\u00E9', 'a,b'])(
    'leaves out a parameter of the name %j, which no header could carry',
    (name) => {
      const error = new AuthError('no_credential', {
        reason: 'no_credential',
        challenge: [[name, '1']],
      })
      expect(challengesFor(error, DEFAULT_STYLE)).toEqual(['Bearer realm="api"'])
    },
  )

  it.each<[AuthErrorCode, readonly string[], string | undefined]>([
    ['no_credential', [], 'mcp'],
    ['invalid_token', [], 'mcp'],
    ['no_credential', ['read'], 'read'],
    ['invalid_request', [], undefined],
    ['insufficient_scope', [], undefined],
  ])('names the scopes to begin with in a %s that has %j: %s', (code, scopes, named) => {
    const error = new AuthError(code, { reason: 'no_credential', scopes })
    const [line] = challengesFor(error, { ...DEFAULT_STYLE, challengeScopes: ['mcp'] })
    expect(/scope="([^"]*)"$/.exec(line ?? '')?.[1]).toBe(named)
  })

  it('answers for an error of an earlier version of this package, which has no parameters', () => {
    const error = new AuthError('no_credential', { reason: 'no_credential' })
    Reflect.deleteProperty(error, 'challenge')
    expect(challengesFor(error, DEFAULT_STYLE)).toEqual(['Bearer realm="api"'])
  })
})

describe('challengesFor one of several schemes', () => {
  const style = { ...DEFAULT_STYLE, schemes: ['Bearer', 'DPoP'] }
  const named = (code: AuthErrorCode, tried?: string): readonly boolean[] =>
    challengesFor(new AuthError(code, { reason: 'expired' }), style, tried).map((line) =>
      line.includes(' error='),
    )

  it('names the error in that of the scheme that failed (RFC 9449 §7.2)', () => {
    expect(named('invalid_token')).toEqual([true, true])
    expect(named('invalid_token', 'DPoP')).toEqual([false, true])
    expect(named('no_credential', 'DPoP')).toEqual([false, false])
  })

  it('leaves the others out where another credential would not help', () => {
    const error = new AuthError('insufficient_scope', { reason: 'scope_missing' })
    const lines = challengesFor(error, style, 'DPoP')
    expect(lines).toEqual([expect.stringMatching(/^DPoP realm="api", error="insufficient_scope"/)])
    expect(challengesFor(error, style)).toHaveLength(2)
  })

  it('adds the parameters of a scheme to its challenge alone', () => {
    const schemeParameters = { DPoP: [['algs', 'ES256']] } as const
    const error = new AuthError('no_credential', { reason: 'no_credential' })
    expect(challengesFor(error, { ...style, schemeParameters })).toEqual([
      'Bearer realm="api"',
      'DPoP realm="api", algs="ES256"',
    ])
  })
})

const refusal = (code: AuthErrorCode, reason: 'expired' | 'duplicate_authorization'): AuthError =>
  new AuthError(code, { reason })

describe('triedScheme', () => {
  const both = ['DPoP', 'Bearer']
  it.each<
    [string, readonly string[] | undefined, AuthError, string | undefined, string | undefined]
  >([
    [
      'unknown to a style of none',
      undefined,
      refusal('invalid_token', 'expired'),
      'DPoP x',
      undefined,
    ],
    ['the only one', ['DPoP'], refusal('invalid_token', 'expired'), 'Bearer x', 'DPoP'],
    ['that of the header', both, refusal('invalid_token', 'expired'), 'DPoP x', 'DPoP'],
    [
      'that of the header in other letters',
      both,
      refusal('invalid_token', 'expired'),
      'dpop x',
      'DPoP',
    ],
    ['that of a header of one word', both, refusal('invalid_token', 'expired'), 'DPoP', 'DPoP'],
    ['Bearer for a cookie', both, refusal('invalid_token', 'expired'), undefined, 'Bearer'],
    ['Bearer for another', both, refusal('invalid_token', 'expired'), 'Basic x', 'Bearer'],
    [
      'none of a cookie without Bearer',
      ['DPoP', 'Own'],
      refusal('invalid_token', 'expired'),
      '',
      undefined,
    ],
    ['DPoP for a bad proof', both, refusal('invalid_dpop_proof', 'expired'), 'Bearer x', 'DPoP'],
    ['DPoP for want of a nonce', both, refusal('use_dpop_nonce', 'expired'), 'Bearer x', 'DPoP'],
    [
      'none of two',
      both,
      refusal('invalid_request', 'duplicate_authorization'),
      'DPoP x',
      undefined,
    ],
  ])('is %s', (_name, schemes, error, authorization, tried) => {
    const style = { ...DEFAULT_STYLE, ...(schemes && { schemes }) }
    expect(triedScheme(style, error, authorization)).toBe(tried)
  })
})
