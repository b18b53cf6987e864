import { describe, expect, it } from '@jest/globals'
import { AuthError, invalidToken } from '../../../../lib/core/verdicts/errors.js'
import type { AuthErrorByCode } from '../../../../lib/core/verdicts/error-by-code.js'
import { createAnswers } from '../../../../lib/session/handler/login/answers.js'
import type { Session } from '../../../../lib/session/handler/sessions/session.js'
import { exchangeOf, type Exchange } from '../../../support/exchange.js'

const NOW = 1_800_000_000
const HTML = { accept: 'text/html' }

const WEAK = new AuthError('insufficient_user_authentication', {
  reason: 'login_too_weak',
  challenge: [['acr_values', 'mfa']],
})

function answered(
  error: AuthError,
  { session, headers = HTML }: { session?: Partial<Session>; headers?: object } = {},
): Exchange & { readonly location: unknown } {
  const exchange = exchangeOf('/notes?a=1', { headers: { ...headers } })
  const refuse = createAnswers({
    loginPath: '/auth/login',
    style: () => ({ realm: 'api', problemDetails: false }) as never,
    sessionOf: () => session as Session | undefined,
    clock: () => NOW,
  })
  refuse(error as AuthErrorByCode, exchange.req, exchange.res, () => undefined)
  return { ...exchange, location: exchange.res.getHeader('location') }
}

describe('a refusal', () => {
  it('leads a person to the login, and from there back', () => {
    const { res, location } = answered(invalidToken('session_unknown'))
    expect([res.statusCode, location]).toEqual([303, '/auth/login?return_to=%2Fnotes%3Fa%3D1'])
    expect(res.getHeader('cache-control')).toBe('no-store')
  })

  it('takes a step-up along', () => {
    expect(answered(WEAK).location).toBe('/auth/login?return_to=%2Fnotes%3Fa%3D1&acr_values=mfa')
  })

  it.each([
    ['a script', invalidToken('session_unknown'), {}, 401],
    ['a person whom no login helps', invalidToken('expired'), HTML, 401],
    ['a person who may not', new AuthError('insufficient_scope', { reason: 'scope_missing' }), HTML, 403], // prettier-ignore
  ])('is told to %s as by requireBearer', (_whom, error, headers, status) => {
    const { res, location } = answered(error, { headers })
    expect([res.statusCode, location]).toEqual([status, undefined])
    expect(res.getHeader('www-authenticate')).toMatch(/^Bearer /)
  })

  it('of a login shows a person a page with a way to begin again, and a script JSON', () => {
    const error = new AuthError('login_failed', { reason: 'login_unknown' })
    const page = answered(error)
    expect([page.res.statusCode, page.location]).toEqual([400, undefined])
    expect(page.body()).toContain('<a href="/auth/login">')
    expect(JSON.parse(answered(error, { headers: {} }).body() ?? '')).toHaveProperty('error')
  })

  it.each([
    ['the same, 59 s ago', { stepUp: 'mfa|', startedAt: NOW - 59 }, false],
    ['the same, 60 s ago', { stepUp: 'mfa|', startedAt: NOW - 60 }, true],
    ['another', { stepUp: 'pwd|', startedAt: NOW - 1 }, true],
    ['none', { stepUp: undefined, startedAt: NOW - 1 }, true],
  ])('begins no step-up again that did not help: after %s: %j, %s', (_what, session, leads) => {
    expect(answered(WEAK, { session }).location !== undefined).toBe(leads)
  })

  it('of a session that ended leads to a login, however new it was', () => {
    const session = { stepUp: undefined, startedAt: NOW }
    expect(answered(invalidToken('session_ended'), { session }).location).toBeDefined()
  })
})
