import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { AuthError } from '../../../../lib/core/verdicts/errors.js'
import type { RevocationStore } from '../../../../lib/index.js'
import {
  logoutRoute,
  refreshRoute,
  sessionRoute,
} from '../../../../lib/session/handler/routes/session-routes.js'
import { cookieHeader, handlerParts, START, visit, type HandlerParts } from '../../../support/handler-parts.js' // prettier-ignore

const FOREIGN = { headers: { 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' } }

let parts: HandlerParts
let cookie: string
beforeEach(async () => {
  parts = handlerParts()
  cookie = await parts.logIn()
})
afterEach(() => parts.close())

const json = (body: string | undefined): unknown => JSON.parse(body ?? '')

const session = (asked: object = {}) =>
  visit(sessionRoute(parts.context), '/', { cookie, ...asked })

const refresh = (asked: object = {}) =>
  visit(refreshRoute(parts.context), '/', { method: 'POST', cookie, ...asked })

const logout = (asked: object = {}) =>
  visit(logoutRoute(parts.context), '/', { method: 'POST', cookie, ...asked })

describe('GET /session', () => {
  it('tells a page who is logged in, without tokens and what only the protocol needs', async () => {
    const { body, res } = await session()
    expect(json(body())).toEqual({
      claims: { sub: 'alice', name: 'Alice' },
      expiresAt: Math.floor(START) + 36_000,
      idleExpiresAt: Math.floor(START) + 3600,
    })
    expect(res.getHeader('cache-control')).toBe('no-store')
  })

  it('does not keep the session alive', async () => {
    parts.later(3000)
    await session()
    parts.later(599)
    expect((await session()).refusal).toBeUndefined()
    parts.later(1)
    expect((await session()).refusal).toMatchObject({ status: 401, reason: 'session_unknown' })
  })

  it('asks the issuer for nothing', async () => {
    await session()
    expect(parts.called).toEqual([])
  })

  it('tells nothing without a session, or to a foreign page', async () => {
    expect((await session({ cookie: '' })).refusal).toMatchObject({ status: 401 })
    const foreign = await session({ ...FOREIGN, method: 'POST' })
    expect([foreign.refusal?.status, foreign.body()]).toEqual([403, undefined])
  })
})

describe('POST /refresh', () => {
  it('says that the session goes on, and asks the issuer for nothing it has', async () => {
    const { res, body, refusal } = await refresh()
    expect([refusal, res.statusCode, body()]).toEqual([undefined, 204, ''])
    expect(res.getHeader('cache-control')).toBe('no-store')
    expect(parts.called).toEqual([])
  })

  it('renews an access token that is over', async () => {
    parts.later(301)
    expect((await refresh()).res.statusCode).toBe(204)
    expect(parts.called).toEqual([['refresh', 'refresh-1']])
  })

  it('keeps the session alive', async () => {
    parts.later(3000)
    await refresh()
    parts.later(3000)
    expect((await refresh()).refusal).toBeUndefined()
  })

  it('hands on an outage, which ends nothing', async () => {
    parts.client.refresh = async () =>
      new AuthError('temporarily_unavailable', { reason: 'issuer_unavailable' })
    parts.later(301)
    const { refusal, cookies } = await refresh()
    expect([refusal?.status, cookies()]).toEqual([503, []])
  })

  it('serves no foreign page', async () => {
    expect((await refresh(FOREIGN)).refusal).toMatchObject({ status: 403 })
  })
})

describe('POST /logout', () => {
  it('ends session and access token here, then the refresh token, and says where to go on', async () => {
    const { accessToken, ...others } = parts.tokens()
    cookie = await parts.logIn({ accessToken, ...others })
    const { body, cookies, refusal } = await logout()
    expect(refusal).toBeUndefined()
    expect(json(body())).toEqual({ redirect: 'https://id.test/logout' })
    expect(cookies()).toEqual([expect.stringMatching(/^__Host-Http-session=;.*Max-Age=0/)])
    expect(parts.called).toEqual([
      ['logoutUrl', 'id-token'],
      ['revoke', 'refresh-1'],
    ])
    const auth = await parts.context.reader.verify(accessToken)
    if (auth instanceof AuthError) throw auth
    expect(await parts.context.revocations.check(auth)).toMatchObject({ revoked: true })
  })

  it('lets no copy of the cookie in again', async () => {
    await logout()
    const { refusal } = await visit(sessionRoute(parts.context), '/', { cookie })
    expect(refusal).toMatchObject({ status: 401 })
  })

  it('answers a form with a page', async () => {
    const { body } = await logout({ headers: { accept: 'text/html,*/*' } })
    expect(body()).toContain('0;url=https://id.test/logout')
  })

  it('takes a second click for done, without the issuer', async () => {
    await logout()
    parts.called.length = 0
    const { body, refusal, cookies } = await logout()
    expect([refusal, json(body())]).toEqual([undefined, { redirect: '/' }])
    expect(cookieHeader(cookies())).toBe('')
    expect(parts.called).toEqual([])
  })

  it('goes home where the issuer has no logout, and revokes no token that is not there', async () => {
    cookie = await parts.logIn(parts.tokens({ refreshToken: undefined }))
    parts.client.logoutUrl = async () => undefined
    expect(json((await logout()).body())).toEqual({ redirect: '/' })
    expect(parts.called.map(([name]) => name)).toEqual(['logoutUrl'])
  })

  it('logs nobody out for a foreign page, with a cookie or without', async () => {
    for (const asked of [FOREIGN, { ...FOREIGN, cookie: '' }]) {
      const { refusal, cookies } = await logout(asked)
      expect([refusal?.status, cookies()]).toEqual([403, []])
    }
    expect((await visit(sessionRoute(parts.context), '/', { cookie })).refusal).toBeUndefined()
  })

  it('keeps the cookie where the denylist did not take the access token', async () => {
    const revocations: RevocationStore = {
      ...parts.context.revocations,
      revokeToken: () => Promise.reject(new Error('down')),
    }
    const context = { ...parts.context, revocations }
    const { refusal, cookies } = await visit(logoutRoute(context), '/', { method: 'POST', cookie })
    expect(refusal).toMatchObject({ status: 503, reason: 'revocation_not_stored' })
    expect(cookies()).toEqual([])
  })

  it('keeps the cookie where the store did not end the session', async () => {
    const outage = new AuthError('temporarily_unavailable', { reason: 'sessions_unavailable' })
    const sessions = { ...parts.context.sessions, end: async () => outage }
    const context = { ...parts.context, sessions }
    const { refusal, cookies } = await visit(logoutRoute(context), '/', { method: 'POST', cookie })
    expect([refusal?.status, cookies()]).toEqual([503, []])
  })

  it('ends a session whose access token is over, without revoking that', async () => {
    parts.later(3599)
    const { refusal, body } = await logout()
    expect(refusal).toBeUndefined()
    expect(json(body())).toEqual({ redirect: 'https://id.test/logout' })
  })
})
