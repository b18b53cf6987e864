import { describe, expect, it } from '@jest/globals'
import express, { type Express, type NextFunction, type Request, type Response } from 'express'
import request from 'supertest'
import {
  tokenCookie,
  TokenCookieTooLarge,
  type TokenCookie,
  type TokenCookieOptions,
} from '../../lib/browser/token-cookie.js'
import {
  logout,
  memoryRevocationStore,
  requireBearer,
  type LogoutOptions,
} from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'

const NOW = 1_800_000_000
const clock = (): number => NOW

function login(cookie: TokenCookie, token = 'a.b.c', expiresAt = NOW + 300): Express {
  const app = express()
  app.set('trust proxy', 1)
  app.get('/', (_req, res) => {
    cookie.clear(res)
    res.cookie('other', '1')
    cookie.set(res, token, { expiresAt })
    res.send('ok')
  })
  app.get('/clear', (_req, res) => {
    cookie.clear(res)
    res.send('ok')
  })
  app.use((error: Error, _req: Request, res: Response, _next: NextFunction) => {
    res.status(500).json({ name: error.name, message: error.message })
  })
  return app
}

const HTTPS = { Host: 'app.example', 'X-Forwarded-Proto': 'https' }

describe('tokenCookie', () => {
  it('writes a cookie for this host alone, out of reach of scripts, for as long as the token lives, and lets no cache keep it (9111-04, BFF-01, BFF-02, BFF-03, BFF-04, BFF-05, BFF-06, COOK-01, COOK-02)', async () => {
    const response = await request(login(tokenCookie({ clock })))
      .get('/')
      .set(HTTPS)
    expect(response.headers['cache-control']).toBe('no-store')
    expect(response.get('Set-Cookie')).toEqual([
      'other=1; Path=/',
      '__Host-Http-access_token=a.b.c; Path=/; Max-Age=300; HttpOnly; Secure; SameSite=Strict',
    ])
  })

  it('clears it with the same name and attributes (COOK-07)', async () => {
    const response = await request(login(tokenCookie())).get('/clear')
    expect(response.get('Set-Cookie')).toEqual([
      '__Host-Http-access_token=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Strict',
    ])
  })

  it.each<[TokenCookieOptions, RegExp]>([
    [{ sameSite: 'lax' }, /; Secure; SameSite=Lax$/],
    [{ sameSite: 'none' }, /; Secure; SameSite=None$/],
    [{ maxAgeSeconds: 60 }, /; Max-Age=60;/],
    [{ name: '__Host-at' }, /^__Host-at=/],
  ])('writes %j', async (options, expected) => {
    const response = await request(login(tokenCookie({ clock, ...options })))
      .get('/')
      .set(HTTPS)
    expect(response.get('Set-Cookie')?.[1]).toMatch(expected)
  })

  it('never asks for more than 400 days (COOK-07)', async () => {
    const app = login(tokenCookie({ clock }), 'a.b.c', NOW + 1_000_000_000)
    const response = await request(app).get('/').set(HTTPS)
    expect(response.get('Set-Cookie')?.[1]).toContain(`Max-Age=${400 * 86_400};`)
  })

  it('throws instead of writing what browsers drop without a word (COOK-06)', async () => {
    const cookie = tokenCookie({ clock, name: '__Host-at' })
    const fits = 'a'.repeat(4096 - '__Host-at'.length)
    const response = await request(login(cookie, fits)).get('/').set(HTTPS)
    expect(response.status).toBe(200)
    const tooLarge = await request(login(cookie, `${fits}a`))
      .get('/')
      .set(HTTPS)
    expect(tooLarge.body).toMatchObject({ name: TokenCookieTooLarge.name })
    expect(tooLarge.text).toContain('4097 bytes')
  })

  it.each([
    ['plain http to a public name', {}, { Host: 'app.example' }, /came by plain http/],
    ['plain http behind a proxy that says so', {}, HTTPS, undefined],
    [
      'plain http behind a TLS proxy that says nothing',
      { behindTls: true },
      { Host: 'app.example' },
      undefined,
    ],
    ['loopback', {}, { Host: 'localhost:3000' }, undefined],
    ['loopback by address', {}, { Host: '127.0.0.1:3000' }, undefined],
    ['loopback by IPv6', {}, { Host: '[::1]:3000' }, undefined],
    ['loopback by a name of its own', {}, { Host: 'app.localhost:3000' }, undefined],
    [
      'a name that only begins like loopback',
      {},
      { Host: '127.0.0.1.evil.test' },
      /came by plain http/,
    ],
    ['plainLoopback to a public name', { plainLoopback: true }, HTTPS, /loopback hosts only/],
    ['plainLoopback to loopback', { plainLoopback: true }, { Host: 'localhost' }, undefined],
  ])('judges %s', async (_name, options, headers, complaint) => {
    const response = await request(login(tokenCookie({ clock, ...options })))
      .get('/')
      .set(headers)
    expect(response.text).toMatch(complaint ?? /^ok$/)
  })

  it('writes a plain cookie to loopback for Safari, when told to', async () => {
    const response = await request(login(tokenCookie({ clock, plainLoopback: true })))
      .get('/')
      .set('Host', 'localhost')
    expect(response.get('Set-Cookie')?.[1]).toBe(
      'access_token=a.b.c; Path=/; Max-Age=300; HttpOnly; SameSite=Strict',
    )
  })

  it.each([
    ['an expired token', 'a.b.c', NOW],
    ['what is no token', 'a b; Domain=evil.test', NOW + 300],
    ['a token without an expiry', 'a.b.c', Number.NaN],
  ])('throws for %s', async (_name, token, expiresAt) => {
    const response = await request(login(tokenCookie({ clock }), token, expiresAt))
      .get('/')
      .set(HTTPS)
    expect(response.status).toBe(500)
    expect(response.text).not.toContain('Domain=evil.test')
  })

  it.each<[object, RegExp]>([
    [{ name: 'access_token' }, /"name" must begin with "__Host-"/],
    [{ name: '__Secure-at' }, /"name" must begin with "__Host-"/],
    [{ name: '__Host-a;b' }, /"name" must be letters/],
    [{ name: '__Host-at', plainLoopback: true }, /"name" must have no prefix/],
    [{ sameSite: 'none', plainLoopback: true }, /"sameSite" must be 'strict' or 'lax'/],
    [{ sameSite: false }, /"sameSite" must be/],
    [{ domain: 'example.com' }, /unknown option "domain"/],
    [{ maxAgeSeconds: 0 }, /"maxAgeSeconds" must be/],
    [{ maxAgeSeconds: 1.5 }, /"maxAgeSeconds" must be a whole number/],
    [{ name: '' }, /tokenCookie: "name" must be a non-empty string/],
    [{ clock: 7 }, /"clock" must be a function/],
    [{ plainLoopback: 1 }, /"plainLoopback" must be true or false/],
    [{ behindTls: 1 }, /"behindTls" must be true or false/],
    [{ seal: ['short'] }, /"seal" must hold/],
  ])('refuses %j at construction (COOK-01, COOK-02, COOK-08)', (options, complaint) => {
    expect(() => tokenCookie(options)).toThrow(complaint)
  })

  it('may have a name without a prefix on this machine alone', () => {
    expect(tokenCookie({ plainLoopback: true, name: 'own' }).name).toBe('own')
  })

  it('is too large by an error of its own name', () => {
    expect(new TokenCookieTooLarge('x').name).toBe('TokenCookieTooLarge')
  })
})

describe('a sealed tokenCookie', () => {
  it('shows no token to the browser, and is read by requireBearer; a broken seal is 401 (10017-07, COOK-10)', async () => {
    const issuer = createTestIssuer()
    const token = issuer.token()
    const cookie = tokenCookie({ seal: ['a secret of at least 32 bytes, no. 1'] })
    const app = login(cookie, token, Date.now() / 1000 + 300)
    app.use('/api', requireBearer({ ...issuer.options, cookie }))
    app.get('/api', (_req, res) => void res.sendStatus(204))

    const [, line = ''] = (await request(app).get('/').set(HTTPS)).get('Set-Cookie') ?? []
    const [pair = ''] = line.split(';')
    expect(pair).not.toContain(token.slice(0, 20))
    const statusOf = async (cookies: string): Promise<number> =>
      (await request(app).get('/api').set('Cookie', cookies)).status
    expect(await statusOf(pair)).toBe(204)
    expect(await statusOf(`${pair.slice(0, -8)}AAAAAAAA`)).toBe(401)
    expect(await statusOf(`${cookie.name}=${token}`)).toBe(401)
  })
})

describe('logout with cookies', () => {
  const issuer = createTestIssuer()

  function app(store = memoryRevocationStore(), options: LogoutOptions = {}): Express {
    const cookie = tokenCookie()
    return express().post(
      '/logout',
      requireBearer({ ...issuer.options, cookie }),
      logout(store, { cookies: [cookie], ...options }),
    )
  }

  it('clears the cookie once the revocation is stored', async () => {
    const response = await request(app())
      .post('/logout')
      .set('Sec-Fetch-Site', 'same-origin')
      .set('Cookie', `__Host-Http-access_token=${issuer.token()}`)
    expect(response.status).toBe(204)
    expect(response.get('Set-Cookie')?.[0]).toContain('Max-Age=0')
  })

  it('keeps the cookie of the session that goes on when the others end', async () => {
    const others = app(memoryRevocationStore(), { scope: 'others' })
    const response = await issuer.authed(request(others).post('/logout'), { sid: 'session-1' })
    expect(response.status).toBe(204)
    expect(response.get('Set-Cookie')).toBeUndefined()
  })

  it('keeps the cookie where the revocation could not be stored', async () => {
    const full = memoryRevocationStore({ maxEntries: 1 })
    const app2 = app(full)
    const attempt = async (): Promise<request.Response> =>
      issuer.authed(request(app2).post('/logout'))
    expect((await attempt()).status).toBe(204)
    const second = await attempt()
    expect(second.status).toBe(503)
    expect(second.get('Set-Cookie')).toBeUndefined()
  })

  it('refuses what is no cookie at construction', () => {
    expect(() => logout(memoryRevocationStore(), { cookies: ['at'] as never })).toThrow(
      /"cookies" must be a list of tokenCookie/,
    )
  })
})
