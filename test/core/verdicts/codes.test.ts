import { describe, expect, it } from '@jest/globals'
import { CODE_ROWS, codeRow, type AuthErrorCode } from '../../../lib/core/verdicts/codes.js'

type Said = [
  code: AuthErrorCode,
  status: number,
  challenge: string,
  more: 'retry' | 'byOrigin' | 'no more',
]

/** As the RFCs that define them, and docs/reasons.md, say. */
const SAID: readonly Said[] = [
  ['no_credential', 401, 'bare', 'no more'],
  ['invalid_request', 400, 'error', 'no more'],
  ['invalid_token', 401, 'error', 'no more'],
  ['insufficient_scope', 403, 'error', 'no more'],
  ['insufficient_user_authentication', 401, 'error', 'no more'],
  ['invalid_dpop_proof', 401, 'error', 'no more'],
  ['use_dpop_nonce', 401, 'error', 'no more'],
  ['csrf_cross_site', 403, 'none', 'byOrigin'],
  ['csrf_origin_mismatch', 403, 'none', 'byOrigin'],
  ['csrf_origin_missing', 403, 'none', 'byOrigin'],
  ['csrf_header_missing', 403, 'none', 'byOrigin'],
  ['csrf_token_missing', 403, 'none', 'byOrigin'],
  ['csrf_token_invalid', 403, 'none', 'byOrigin'],
  ['login_failed', 400, 'none', 'no more'],
  ['too_many_requests', 429, 'none', 'retry'],
  ['temporarily_unavailable', 503, 'none', 'retry'],
]

describe('a code of refusals', () => {
  it.each(SAID)('%s is answered by %d, and challenges by %s', (code, status, challenge, more) => {
    expect(codeRow(code)).toMatchObject({
      status,
      challenge,
      retry: more === 'retry',
      byOrigin: more === 'byOrigin',
      family: code === 'temporarily_unavailable' ? 'dependency' : 'credential',
    })
  })

  it('is one of these', () => {
    expect(Object.keys(CODE_ROWS)).toEqual(SAID.map(([code]) => code))
  })

  it('has a text of its own, which says the same to whoever probes us', () => {
    const texts = Object.values(CODE_ROWS).map(({ message }) => message)
    expect(new Set(texts).size).toBe(texts.length)
    for (const text of texts) expect(text).toMatch(/^[A-Z][ -~]{10,}$/)
  })

  it.each(['unknown', '', '__proto__', 'constructor'])('is no other: %j', (code) => {
    expect(codeRow(code)).toBeUndefined()
  })
})
