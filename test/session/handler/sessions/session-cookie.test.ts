import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../../lib/core/options/option-check.js'
import { createSeal } from '../../../../lib/http/secrets/seal.js'
import {
  createSessionCookie,
  SESSION_COOKIE,
} from '../../../../lib/session/handler/sessions/session-cookie.js'
import { newSessionId } from '../../../../lib/session/handler/sessions/session-id.js'
import { exchangeOf } from '../../../support/exchange.js'

const ORIGIN = 'https://app.example.com'
const seal = createSeal(optionCheck('test'), 'secrets', ['a secret of the tests, long enough'], SESSION_COOKIE) // prettier-ignore
const cookie = createSessionCookie({
  seal,
  origin: ORIGIN,
  sameSite: 'strict',
  maxAgeSeconds: 3600,
})
const ID = newSessionId({ subject: 'u'.repeat(150), sessionId: 's'.repeat(36), startedAt: 1, expiresAt: 2 }) // prettier-ignore

/** The cookie as a browser sends it back. */
function jar(id = ID): string {
  const { res, cookies } = exchangeOf()
  cookie.set(res, id)
  return cookies()[0]?.split(';')[0] ?? ''
}

describe('the session cookie', () => {
  it('is bound to its host, out of reach of scripts, and cleared as it was set', () => {
    const [setting, clearing] = [exchangeOf(), exchangeOf()]
    cookie.set(setting.res, ID)
    cookie.clear(clearing.res)
    const [set = '', cleared = ''] = [...setting.cookies(), ...clearing.cookies()]
    for (const line of [set, cleared]) {
      expect(line).toMatch(/^__Host-Http-session=/)
      for (const part of ['Path=/', 'Secure', 'HttpOnly', 'SameSite=Strict']) {
        expect(line).toContain(part)
      }
      expect(line).not.toContain('Domain')
    }
    expect([set.includes('Max-Age=3600'), cleared.includes('Max-Age=0')]).toEqual([true, true])
  })

  it('is sealed, is short, and gives the id back', () => {
    const pair = jar()
    expect(pair).not.toContain(ID.slice(0, 20))
    expect(pair.length).toBeLessThan(512 + SESSION_COOKIE.length)
    const { req, res } = exchangeOf('/', { headers: { cookie: `a=b; ${pair}` } })
    expect([cookie.read(req, res), cookie.peek(req)]).toEqual([ID, ID])
    expect(String(res.getHeader('vary'))).toMatch(/Cookie/)
  })

  it.each([
    ['none', '', 401, 'no_credential'],
    ['two', `${jar()}; ${jar()}`, 400, 'duplicate_cookie'],
    ['a broken one', `${jar()}x`, 401, 'broken_seal'],
    ['one that is too long', `${SESSION_COOKIE}=${'x'.repeat(513)}`, 400, 'token_too_large'],
  ])(
    'is refused where there is %s, and not even a peek shows an id',
    (_what, header, status, reason) => {
      // prettier-ignore
      const { req, res } = exchangeOf('/', { headers: { cookie: header } })
      expect(cookie.read(req, res)).toMatchObject({ status, reason })
      expect(cookie.peek(req)).toBeUndefined()
    },
  )

  it.each([
    ['of our own page', 'POST', { origin: ORIGIN }, false],
    ['of a foreign page', 'POST', { origin: 'https://evil.example' }, true],
    [
      'of a frame in a foreign page',
      'GET',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
      true,
    ],
    [
      'that a person began',
      'GET',
      { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' },
      false,
    ],
  ])('judges a request %s, with a cookie and without', (_what, method, headers, refused) => {
    // prettier-ignore
    for (const carried of [{}, { cookie: jar() }]) {
      const { req, res } = exchangeOf('/', { method, headers: { ...headers, ...carried } })
      const refusal = cookie.judgeOrigin(req, res)
      expect([refusal !== undefined, refusal?.status ?? 403]).toEqual([refused, 403])
    }
  })
})
