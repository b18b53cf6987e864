import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { openLoginBrowser } from '../../../tools/login-browser.js'
import { startBff, type Bff } from '../../support/signed-in.js'

const SESSION = '__Host-Http-session'

interface SessionAnswer {
  readonly claims: object
  readonly expiresAt: number
  readonly idleExpiresAt: number
}

let bff: Bff

beforeAll(async () => {
  bff = await startBff()
})

afterAll(() => bff.close())

function url(path: string): string {
  return bff.app.url + path
}

describe('tokenHandler with a real OpenID provider', () => {
  it('logs a user in, and leaves for guards what requireBearer leaves', async () => {
    const browser = await bff.logIn('alice')
    const { status, text } = await browser.visit(url('/api/me'))
    expect([status, text]).toEqual([200, '{"subject":"alice"}'])
  })

  it('sends state, nonce and a PKCE challenge with the login (10017-15, LOGIN-02, LOGIN-03)', async () => {
    const { status, next } = await openLoginBrowser().visit(url('/auth/login'))
    expect(status).toBe(303)
    const sent = Object.fromEntries(next!.searchParams)
    expect(sent).toMatchObject({
      response_type: 'code',
      client_id: 'web-app',
      redirect_uri: url('/auth/callback'),
      scope: 'openid notes:read',
      code_challenge_method: 'S256',
    })
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(sent[name]).toMatch(/^[\w-]{43}$/)
    }
  })

  it('keeps the session in a __Host- cookie that no script, sibling or foreign page gets at', async () => {
    const browser = openLoginBrowser()
    const before = await browser.follow(
      url('/auth/login'),
      'alice',
      ({ pathname }) => pathname === '/auth/callback',
    )
    const { headers } = await browser.visit(before.next!, { from: 'cross-site' })
    const line = headers['set-cookie']?.find((cookie) => cookie.startsWith(SESSION))
    expect(line).toMatch(
      /^__Host-Http-session=v1\.[\w-]+; Path=\/; Max-Age=43200; HttpOnly; Secure; SameSite=Strict$/,
    )
    expect(headers['cache-control']).toBe('no-store')
  })

  it('begins each login with a new session id, and ends the one before (10017-18, COOK-11)', async () => {
    const browser = await bff.logIn('alice')
    const first = browser.cookies(bff.app.url).get(SESSION)
    await browser.follow(url('/auth/login'), 'alice')
    expect(browser.cookies(bff.app.url).get(SESSION)).not.toBe(first)
    const { status } = await openLoginBrowser().visit(url('/api/me'), {
      headers: { cookie: `${SESSION}=${first}` },
    })
    expect(status).toBe(401)
  })

  it('tells the page who is logged in and until when, and shows it no token', async () => {
    const browser = await bff.logIn('alice')
    const { text, headers } = await browser.visit(url('/auth/session'))
    const { claims, expiresAt, idleExpiresAt } = JSON.parse(text) as SessionAnswer
    expect(claims).toMatchObject({ sub: 'alice' })
    expect(Object.keys(claims)).not.toContain('nonce')
    expect(expiresAt - Date.now() / 1000).toBeGreaterThan(43_000)
    expect(idleExpiresAt - Date.now() / 1000).toBeLessThan(3601)
    expect(text).not.toMatch(/eyJ[\w-]+\./)
    expect(headers['cache-control']).toBe('no-store')
  })

  it('ends the session here at once, and says where to end it at the issuer (RPL-01, RPL-04)', async () => {
    const browser = await bff.logIn('alice')
    const cookie = browser.cookies(bff.app.url).get(SESSION)
    const { status, text } = await browser.visit(url('/auth/logout'), {
      method: 'POST',
      headers: { 'x-csrf': '1' },
    })
    expect(status).toBe(200)
    const { redirect } = JSON.parse(text) as { readonly redirect: string }
    const { origin, pathname, searchParams } = new URL(redirect)
    expect([origin, pathname]).toEqual([bff.provider.url, '/session/end'])
    expect(searchParams.get('post_logout_redirect_uri')).toBe(url('/'))
    expect(browser.cookies(bff.app.url).has(SESSION)).toBe(false)
    const { status: after } = await openLoginBrowser().visit(url('/api/me'), {
      headers: { cookie: `${SESSION}=${cookie}` },
    })
    expect(after).toBe(401)
    expect(bff.provider.asked.get('/token/revocation')).toBe(1)
  })

  it('refuses a request without a session as requireBearer does, and leads a person to the login', async () => {
    const script = await openLoginBrowser().visit(url('/api/me'))
    expect([script.status, script.text]).toEqual([401, '{}'])
    expect(script.headers['www-authenticate']).toBe('Bearer realm="api"')
    const person = await openLoginBrowser().visit(url('/api/me?x=1'), { from: 'none' })
    expect(person.status).toBe(303)
    expect(person.headers.location).toBe('/auth/login?return_to=%2Fapi%2Fme%3Fx%3D1')
  })

  it('leads back to the page that asked for the login', async () => {
    const browser = openLoginBrowser()
    const { url: end, text } = await browser.follow(url('/api/me'), 'bob')
    expect([end.pathname, text]).toEqual(['/api/me', '{"subject":"bob"}'])
  })

  it('refuses requests of foreign pages with the cookie (10017-08, RPL-06)', async () => {
    const browser = await bff.logIn('alice')
    const foreign = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
    for (const path of ['/api/notes', '/auth/logout', '/auth/refresh']) {
      const { status, text } = await browser.visit(url(path), { method: 'POST', headers: foreign })
      expect(status).toBe(403)
      expect(JSON.parse(text)).toMatchObject({ error: 'csrf_cross_site' })
    }
    expect((await browser.visit(url('/api/me'))).status).toBe(200)
  })
})
