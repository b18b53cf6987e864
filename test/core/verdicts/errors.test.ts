import { describe, expect, it } from '@jest/globals'
import { codeRow } from '../../../lib/core/verdicts/codes.js'
import {
  AuthError,
  invalidToken,
  workDenied,
  type AuthErrorCode,
} from '../../../lib/core/verdicts/errors.js'
import { challengesFor } from '../../../lib/core/verdicts/challenge.js'
import { DEFAULT_STYLE } from '../../../lib/core/verdicts/style.js'
import { runScript } from '../../support/script.js'

const ERROR = 'error'
const CSRF = ['credential', 'none', 0, true] as const

/** Written out again, so that a row that changes by mistake changes an answer that somebody looks at. */
const CODES: readonly (readonly [
  code: AuthErrorCode,
  status: number,
  family: AuthError['family'],
  challenge: string,
  retryAfterSeconds: number,
  byOrigin: boolean,
  message: string,
])[] = [
  ['no_credential', 401, 'credential', 'bare', 0, false, 'An access token is required'],
  [
    'invalid_request',
    400,
    'credential',
    ERROR,
    0,
    false,
    'The request must carry exactly one well-formed bearer token',
  ],
  [
    'invalid_token',
    401,
    'credential',
    ERROR,
    0,
    false,
    'The access token is malformed, expired, revoked or not meant for this API',
  ],
  [
    'insufficient_scope',
    403,
    'credential',
    ERROR,
    0,
    false,
    'The access token does not grant what this request needs',
  ],
  [
    'insufficient_user_authentication',
    401,
    'credential',
    ERROR,
    0,
    false,
    'A stronger or more recent login is required',
  ],
  ['csrf_cross_site', 403, ...CSRF, 'A page of another site sent this request'],
  ['csrf_origin_mismatch', 403, ...CSRF, 'The Origin of this request is not trusted'],
  ['csrf_origin_missing', 403, ...CSRF, 'This request names no origin and carries a cookie'],
  [
    'csrf_header_missing',
    403,
    ...CSRF,
    'This request lacks the header that pages of this site send',
  ],
  ['csrf_token_missing', 403, ...CSRF, 'This request lacks a CSRF token'],
  [
    'csrf_token_invalid',
    403,
    ...CSRF,
    'The CSRF token does not belong to this session; load the page again',
  ],
  ['too_many_requests', 429, 'credential', 'none', 7, false, 'Too many requests; try again later'],
  [
    'temporarily_unavailable',
    503,
    'dependency',
    'none',
    7,
    false,
    'The request cannot be judged right now; try again',
  ],
]

describe('AuthError', () => {
  it.each(CODES)(
    'answers %s with its status, family, text and time to wait',
    (code, status, family, _challenge, retryAfterSeconds, _byOrigin, message) => {
      const error = new AuthError(code, { reason: 'revoked', retryAfterSeconds: 6.5 })
      expect(error).toMatchObject({ code, status, family, message, retryAfterSeconds })
    },
  )

  it.each([undefined, 0, -1, Number.NaN, Number.POSITIVE_INFINITY])(
    'asks for a wait of one second where it was given %s',
    (seconds) => {
      const options = seconds === undefined ? {} : { retryAfterSeconds: seconds }
      const error = new AuthError('temporarily_unavailable', { reason: 'revoked', ...options })
      expect(error.retryAfterSeconds).toBe(1)
    },
  )

  it('answers as ever where all that is built in is frozen, by --frozen-intrinsics', async () => {
    const { output } = await runScript('test/support/frozen-process.ts', '', {
      NODE_OPTIONS: '--frozen-intrinsics --no-warnings',
    })
    expect(output).toBe('200\n401\n403\n')
  })

  it('takes no stack, which a flood of bad tokens would pay for, and leaves the limit as it was', () => {
    const { stackTraceLimit } = Error
    expect(workDenied('a step').stack).not.toContain('\n')
    expect(Error.stackTraceLimit).toBe(stackTraceLimit)
  })

  it('holds what it was given, and nothing where it was given nothing', () => {
    const cause = new Error('behind it')
    const challenge = [['acr_values', 'mfa']] as const
    const given = {
      reason: 'expired',
      detail: 'd',
      scopes: ['a'],
      nonce: 'n',
      challenge,
      cause,
    } as const
    expect(new AuthError('invalid_token', given)).toMatchObject({ ...given, name: 'AuthError' })
    const bare = invalidToken('expired')
    expect(bare).toMatchObject({ code: 'invalid_token', reason: 'expired', scopes: [] })
    expect([bare.detail, bare.nonce, bare.challenge]).toEqual([undefined, undefined, []])
    expect(Object.hasOwn(bare, 'cause')).toBe(false)
    expect(invalidToken('expired', 'why').detail).toBe('why')
    expect(new AuthError('invalid_token', { reason: 'expired', cause: null }).cause).toBeNull()
  })

  it('refuses to spend more on a network by 429', () => {
    expect(workDenied('a step')).toMatchObject({ status: 429, reason: 'rate_limited' })
  })

  it('asks for whole seconds, and for one at least', () => {
    const waits = [0.5, 1, 1.5, 2].map(
      (retryAfterSeconds) =>
        new AuthError('too_many_requests', { reason: 'rate_limited', retryAfterSeconds })
          .retryAfterSeconds,
    )
    expect(waits).toEqual([1, 1, 2, 2])
  })

  it('knows the errors of another copy of this package by their looks', () => {
    const foreign = Object.assign(new Error('x'), { family: 'credential', retryAfterSeconds: 0 })
    expect(foreign instanceof AuthError).toBe(false)
    foreign.name = 'AuthError'
    expect(foreign instanceof AuthError).toBe(true)
  })
})

describe('codeRow', () => {
  it.each(CODES)('says how %s is challenged, and whether the origin decided', (...row) => {
    const [code, , , challenge, , byOrigin] = row
    expect(codeRow(code)).toMatchObject({ challenge, byOrigin })
  })

  it.each(['constructor', '__proto__', 'a_code_of_a_later_version'])(
    'knows no %s, and no credential is asked for then',
    (code) => {
      const error = Object.assign(new AuthError('invalid_token', { reason: 'revoked' }), { code })
      expect(codeRow(code)).toBeUndefined()
      expect(challengesFor(error, DEFAULT_STYLE)).toEqual([])
    },
  )
})
