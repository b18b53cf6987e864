import { describe, expect, it } from '@jest/globals'
import { noteStyle, styleOf } from '../../../lib/core/verdicts/error-headers.js'
import { DEFAULT_STYLE } from '../../../lib/core/verdicts/style.js'
import { AuthError } from '../../../lib/core/verdicts/errors.js'

const NO_STORE = { 'Cache-Control': 'no-store' }

describe('AuthError.headers', () => {
  it.each([
    [
      'a challenge',
      new AuthError('insufficient_scope', { reason: 'scope_missing', scopes: ['read'] }),
      {
        'WWW-Authenticate':
          'Bearer realm="api", error="insufficient_scope", error_description="The access token does not grant what this request needs", scope="read"',
      },
    ],
    [
      'the time to wait, and no challenge',
      new AuthError('temporarily_unavailable', { reason: 'revocation_unavailable' }),
      { 'Retry-After': '1' },
    ],
    [
      'the nonce of the next proof',
      new AuthError('use_dpop_nonce', { reason: 'nonce_needed', nonce: 'n' }),
      { 'DPoP-Nonce': 'n' },
    ],
    [
      'neither for a foreign page',
      new AuthError('csrf_cross_site', { reason: 'csrf_cross_site' }),
      {},
    ],
  ])('holds %s', (_name, error, expected) => {
    expect(error.headers).toMatchObject({ ...NO_STORE, ...expected })
    expect('Retry-After' in error.headers).toBe('Retry-After' in expected)
    expect('DPoP-Nonce' in error.headers).toBe('DPoP-Nonce' in expected)
    const asks = ['insufficient_scope', 'use_dpop_nonce'].includes(error.code)
    expect('WWW-Authenticate' in error.headers).toBe(asks)
  })

  it('is in the style of the guard that refused, each challenge on one line', () => {
    const error = new AuthError('no_credential', { reason: 'no_credential' })
    expect(styleOf(error)).toBe(DEFAULT_STYLE)
    const style = { ...DEFAULT_STYLE, realm: 'notes', schemes: ['Bearer', 'DPoP'] }
    noteStyle(error, style, undefined)
    expect(styleOf(error)).toBe(style)
    expect(error.headers['WWW-Authenticate']).toBe('Bearer realm="notes", DPoP realm="notes"')
  })
})

describe('AuthError', () => {
  it('says by the names of http-errors which status to send, and that its text may be sent', () => {
    const error = new AuthError('invalid_token', { reason: 'expired', detail: 'secret' })
    expect([error.statusCode, error.expose]).toEqual([401, true])
    expect(JSON.stringify(error.headers)).not.toContain('secret')
  })
})
