import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { AuthError, invalidToken } from '../../../../lib/core/verdicts/errors.js'
import type { Login } from '../../../../lib/session/handler/login/login.js'
import { callbackRoute, loginRoute } from '../../../../lib/session/handler/routes/login-routes.js'
import { cookieHeader, handlerParts, START, visit, type Asked, type HandlerParts } from '../../../support/handler-parts.js' // prettier-ignore

const outage = (): AuthError =>
  new AuthError('temporarily_unavailable', { reason: 'issuer_unavailable' })

let parts: HandlerParts
beforeEach(() => {
  parts = handlerParts()
})
afterEach(() => parts.close())

const login = (query = '', asked: Asked = {}) =>
  visit(loginRoute(parts.context), `/${query}`, asked)

/** The login that the client of the issuer was told of last. */
const begun = (): Login => parts.called.at(-1)?.[1] as Login

const callback = (query: string, asked: Asked) =>
  visit(callbackRoute(parts.context), `/${query}`, asked)

/** A login that has been begun: its cookie and the query of its answer. */
async function begin(query = '', asked: Asked = {}): Promise<{ cookie: string; query: string }> {
  const { cookies } = await login(query, asked)
  const kept = asked.cookie === undefined ? [] : [asked.cookie]
  const cookie = [...kept, cookieHeader(cookies())].join('; ')
  return { cookie, query: `?code=c&state=${begun().state}` }
}

const visitWith = (cookie: string) => visit(async () => undefined, '/', { cookie })

describe('GET /login', () => {
  it('leads to the issuer, and keeps the login in this browser', async () => {
    const { res, refusal, cookies } = await login('?return_to=/notes')
    expect(refusal).toBeUndefined()
    expect(res.statusCode).toBe(303)
    expect(res.getHeaders()).toMatchObject({
      location: `https://id.test/authorize?state=${begun().state}`,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    })
    expect(begun()).toMatchObject({ returnTo: '/notes', startedAt: START, replaces: undefined })
    expect(cookies()).toEqual([expect.stringMatching(/^__Host-Http-login-.*SameSite=Lax/)])
  })

  it('takes over what a page may ask of a login, and nothing else', async () => {
    await login('?acr_values=a%20b&max_age=60&prompt=login&scope=admin&state=x&redirect_uri=y')
    expect(begun().asked).toEqual({ acr_values: 'a b', max_age: '60', prompt: 'login' })
  })

  it.each([
    '?acr_values=%22',
    '?max_age=-1',
    '?max_age=1.5',
    '?max_age=123456789',
    '?prompt=none',
    '?prompt=login%20consent',
    '',
  ])('asks for nothing by "%s"', async (query) => {
    await login(query)
    expect(begun().asked).toEqual({})
  })

  it('asks for no more than 512 characters of acr_values', async () => {
    await login(`?acr_values=${'a'.repeat(512)}`)
    expect(Object.keys(begun().asked)).toEqual(['acr_values'])
    await login(`?acr_values=${'a'.repeat(513)}`)
    expect(begun().asked).toEqual({})
  })

  it('notes which session the new one replaces', async () => {
    const cookie = await parts.logIn()
    await login('', { cookie })
    expect(begun().replaces).toBeDefined()
  })

  it.each(['//evil.test', 'https://evil.test/', '/\\evil.test', '/a\tb'])(
    'leads nowhere else afterwards: %j',
    async (url) => {
      const { refusal } = await login(`?return_to=${encodeURIComponent(url)}`)
      expect(refusal).toMatchObject({ reason: 'foreign_return_url' })
      expect(parts.called).toEqual([])
    },
  )

  it('begins none for an image or frame of a foreign page', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }
    const { refusal, cookies } = await login('', { headers })
    expect(refusal).toMatchObject({ code: 'csrf_cross_site' })
    expect([parts.called, cookies()]).toEqual([[], []])
  })

  it('leaves no cookie where the issuer cannot be had', async () => {
    parts.client.loginUrl = async () => outage()
    const { refusal, cookies, res } = await login()
    expect(refusal).toMatchObject({ status: 503 })
    expect(res.hasHeader('location')).toBe(false)
    expect(cookieHeader(cookies().slice(-1))).toBe('')
  })
})

describe('the callback', () => {
  it('begins a session and leads on, by a page of our own', async () => {
    const { cookie, query } = await begin('?return_to=/notes')
    const { res, body, cookies, refusal } = await callback(query, { cookie })
    expect(refusal).toBeUndefined()
    expect([res.statusCode, res.getHeader('location')]).toEqual([200, undefined])
    expect(body()).toContain('content="0;url=/notes"')
    expect(cookies()).toEqual([
      expect.stringMatching(/^__Host-Http-login-.*Max-Age=0/),
      expect.stringMatching(/^__Host-Http-session=.*SameSite=Strict/),
    ])
    expect(parts.called.at(-1)).toMatchObject(['redeem', { code: 'c' }])
    const { reader } = parts.context
    const found = await reader.find((await visitWith(cookieHeader(cookies()))).req, res, false)
    expect(found).toMatchObject({ session: { subject: 'alice', refreshToken: 'refresh-1' } })
  })

  it('takes the answer as a form too', async () => {
    const { cookie, query } = await begin()
    const { refusal } = await callback('', { cookie, form: query.slice(1) })
    expect(refusal).toBeUndefined()
    expect(parts.called.at(-1)).toMatchObject(['redeem', { code: 'c' }])
  })

  it('ends the session that the browser had before', async () => {
    const before = await parts.logIn()
    const { cookie, query } = await begin('', { cookie: before })
    await callback(query, { cookie })
    const { req, res } = await visitWith(before)
    expect(await parts.context.reader.find(req, res, false)).toMatchObject({ status: 401 })
  })

  it.each([
    ['no state', ''],
    ['another state', `?code=c&state=${'A'.repeat(43)}`],
    ['a state twice', '{}&state=x'],
  ])('knows no login with %s', async (_what, changed) => {
    const { cookie, query } = await begin()
    const { refusal, cookies } = await callback(changed.replace('{}', query), { cookie })
    expect(refusal).toMatchObject({ reason: 'login_unknown' })
    expect([parts.called.length, cookies()]).toEqual([1, []])
  })

  it('knows no login that another browser began', async () => {
    const { query } = await begin()
    expect((await callback(query, {})).refusal).toMatchObject({ reason: 'login_unknown' })
  })

  it('knows no login in a body that is no form', async () => {
    const { cookie } = await begin()
    const headers = { 'content-type': 'application/json' }
    const { refusal } = await callback('', { cookie, method: 'POST', headers })
    expect(refusal).toMatchObject({ code: 'login_failed', reason: 'login_unknown' })
  })

  it.each([
    [600, undefined],
    [601, 'login_unknown'],
  ])('may come after %d seconds: %s', async (seconds, reason) => {
    const { cookie, query } = await begin()
    parts.later(seconds)
    expect((await callback(query, { cookie })).refusal?.reason).toBe(reason)
  })

  it('sends a code once, because a second use would end its tokens (RFC 6749 §4.1.2)', async () => {
    const { cookie, query } = await begin()
    const both = [callback(query, { cookie }), callback(query, { cookie })]
    const reasons = (await Promise.all(both)).map(({ refusal }) => refusal?.reason)
    expect(reasons).toEqual([undefined, 'login_replayed'])
    expect(parts.called.filter(([name]) => name === 'redeem')).toHaveLength(1)
  })

  it.each([
    ['an outage', outage()],
    ['a refusal', invalidToken('expired')],
  ])('begins no session on %s', async (_what, no) => {
    parts.client.redeem = async () => no
    const { cookie, query } = await begin()
    const { refusal, cookies } = await callback(query, { cookie })
    expect(refusal).toBe(no)
    expect(cookies().filter((line) => line.startsWith('__Host-Http-session'))).toEqual([])
  })

  it('begins none without an ID token that says who it is', async () => {
    parts.client.redeem = async () => parts.tokens({ idToken: undefined })
    const { cookie, query } = await begin()
    expect((await callback(query, { cookie })).refusal).toMatchObject({ reason: 'login_refused' })
  })

  it('writes the path into the page as text', async () => {
    const { cookie, query } = await begin('?return_to=/%22%3E%3Cscript%3E')
    const { body } = await callback(query, { cookie })
    expect(body()).not.toContain('<script>')
  })
})
