import { beforeAll, describe, expect, it } from '@jest/globals'
import cookieParser from 'cookie-parser'
import type { Express } from 'express'
import request from 'supertest'
import {
  authOf,
  requireBearer,
  type AuthEvent,
  type CookieOptions,
  type RequireBearerOptions,
} from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'
import { EXPRESS_VERSIONS } from '../support/express-versions.js'
import { rawRequest, serve } from '../../tools/server.js'

const SAME_ORIGIN = { 'Sec-Fetch-Site': 'same-origin' }
const CROSS_SITE = { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' }
const NAME = '__Host-Http-access_token'

const issuer = createTestIssuer()
let token: string

beforeAll(async () => {
  await issuer.listen()
  token = issuer.token()
})

describe.each(EXPRESS_VERSIONS)('requireBearer with a cookie on %s', (_version, createApp) => {
  function api(
    cookie: Partial<CookieOptions> = {},
    onEvent: (event: AuthEvent) => void = () => undefined,
  ): Express {
    const app = createApp()
    app.use(requireBearer({ ...issuer.options, cookie: { name: NAME, ...cookie }, onEvent }))
    app.all('/', (req, res) => void res.json({ transport: authOf(req).transport }))
    app.get(
      '/cached',
      (_req, res) => void res.set('Cache-Control', 'private, max-age=60').send('x'),
    )
    return app
  }

  it('reads the token from the cookie, and lets nobody cache the answer (9111-02)', async () => {
    const app = api()
    const read = await request(app).get('/').set('Cookie', `x=1; ${NAME}=${token}`)
    expect(read.body).toEqual({ transport: 'cookie' })
    expect(read.headers['cache-control']).toBe('no-store')
    expect(read.headers['vary']).toBe(
      'Cookie, Origin, Sec-Fetch-Site, Sec-Fetch-Mode, Sec-Fetch-Dest',
    )
    const cached = await request(app).get('/cached').set('Cookie', `${NAME}=${token}`)
    expect(cached.headers['cache-control']).toBe('private, max-age=60')
  })

  it.each([
    ['one cookie', `${NAME}=TOKEN`, 200],
    ['none', 'x=1', 401],
    ['two of them', `${NAME}=TOKEN; ${NAME}=TOKEN`, 400],
    ['a look-alike', `\u00A0${NAME}=TOKEN`, 401],
    ['JSON in it', `${NAME}=j:{}`, 400],
    ['a signature on it', `${NAME}=s%3ATOKEN.signature`, 400],
  ])('answers the same behind cookie-parser: %s', async (_name, cookie, expected) => {
    const behind = createApp()
    behind.use(cookieParser('the secret that cookie-parser signs with'))
    behind.use(api())
    const Cookie = cookie.replaceAll('TOKEN', token)
    for (const app of [api(), behind]) {
      expect((await request(app).get('/').set({ Cookie })).status).toBe(expected)
    }
  })

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])(
    'refuses a %s that a foreign page sent, with no guard mounted (BFF-08, FM-06)',
    async (method) => {
      const app = api()
      const send = async (headers: Record<string, string>): Promise<number> => {
        const server = await serve(app)
        const response = await fetch(server.url, { method, headers })
        await server.close()
        return response.status
      }
      const Cookie = `${NAME}=${token}`
      expect(await send({ Cookie, 'X-CSRF': '1' })).toBe(200)
      expect(await send({ Cookie, Origin: 'https://evil.example' })).toBe(403)
      expect(await send({ Cookie })).toBe(403)
    },
  )

  it.each([
    ['its own page', SAME_ORIGIN, {}, 200],
    ['a foreign page', CROSS_SITE, {}, 403],
    ['a sibling subdomain (BFF-11)', { 'Sec-Fetch-Site': 'same-site' }, {}, 403],
    [
      'a trusted page',
      { 'Sec-Fetch-Site': 'same-site', Origin: 'https://app.example' },
      { trustedOrigins: ['https://app.example'] },
      200,
    ],
    [
      'an old browser at the configured origin',
      { Origin: 'https://api.example' },
      { origin: 'https://api.example' },
      200,
    ],
  ])('judges a post by %s', async (_name, headers, options, status) => {
    const response = await request(api(options))
      .post('/')
      .set(headers)
      .set('Cookie', `${NAME}=${token}`)
    expect(response.status).toBe(status)
    expect(response.headers).not.toHaveProperty('www-authenticate')
  })

  it('refuses to be loaded by a foreign page, unless it links here or isolateReads is off', async () => {
    const Cookie = `${NAME}=${token}`
    const link = { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' }
    const app = api()
    expect(
      (
        await request(app)
          .get('/')
          .set({ ...CROSS_SITE, Cookie })
      ).status,
    ).toBe(403)
    expect(
      (
        await request(app)
          .get('/')
          .set({ ...CROSS_SITE, ...link, Cookie })
      ).status,
    ).toBe(200)
    const open = api({ isolateReads: false })
    expect(
      (
        await request(open)
          .get('/')
          .set({ ...CROSS_SITE, Cookie })
      ).status,
    ).toBe(200)
  })

  it.each([
    ['garbage', 'Bearer garbage', 401],
    ['nothing after the scheme', 'Bearer', 400],
    ['another scheme', 'Basic dTpw', 401],
    ['the bare token', () => token, 401],
  ])('never falls back to the cookie from a header with %s', async (_name, header, status) => {
    const app = api()
    // The cookie is remembered first: that memory must not serve a header either.
    const Cookie = `${NAME}=${token}`
    expect((await request(app).get('/').set('Cookie', Cookie)).status).toBe(200)
    const response = await request(app)
      .post('/')
      .set(SAME_ORIGIN)
      .set('Cookie', Cookie)
      .set('Authorization', typeof header === 'string' ? header : header())
    expect(response.status).toBe(status)
  })

  it.each([
    ['that the cookie came too', () => `${NAME}=${token}`, /scheme Basic, .* came too, and never/],
    ['nothing of cookies where none came', () => 'a=b', /which is not read here$/],
  ])('tells of another scheme %s', async (_name, cookie, detail) => {
    const events: AuthEvent[] = []
    const app = api({}, (event) => events.push(event))
    await request(app).get('/').set({ Authorization: 'Basic dTpw', Cookie: cookie() })
    expect(events).toMatchObject([
      { reason: 'unsupported_scheme', detail: expect.stringMatching(detail) },
    ])
  })

  it('lets the header alone count where both came, without a CSRF check (FM-06)', async () => {
    const response = await request(api())
      .post('/')
      .set(CROSS_SITE)
      .set('Cookie', `${NAME}=EVIL; ${NAME}=EVIL`)
      .set('Authorization', `Bearer ${token}`)
    expect([response.status, response.body]).toEqual([200, { transport: 'header' }])
  })

  it.each([
    [
      'two of the name on one line (COOK-05)',
      () => [`Cookie: ${NAME}=EVIL; ${NAME}=${token}`],
      400,
    ],
    ['two on two lines (COOK-04)', () => [`Cookie: ${NAME}=EVIL`, `Cookie: ${NAME}=${token}`], 400],
    ['one on the second line (COOK-04)', () => ['Cookie: a=b', `Cookie: ${NAME}=${token}`], 200],
    ['a JSON cookie', () => [`Cookie: ${NAME}=j:{"a":1}`], 400],
    ['a quoted token', () => [`Cookie: ${NAME}="${token}"`], 400],
    ['a prefix smuggled behind a no-break space', () => [`Cookie: \xA0${NAME}=${token}`], 401],
    ['one smuggled beside the good one', () => [`Cookie: \xA0${NAME}=EVIL; ${NAME}=${token}`], 200],
    [
      'the prefix in another case (COOK-03)',
      () => [`Cookie: __HOST-Http-access_token=${token}`],
      401,
    ],
    ['the name without its prefix', () => [`Cookie: access_token=${token}`], 401],
    ['an empty value', () => [`Cookie: ${NAME}=`], 401],
    ['what is no JWT', () => [`Cookie: ${NAME}=opaque`], 401],
  ])('answers %s with the right status', async (_name, lines, status) => {
    const server = await serve(api())
    const answer = await rawRequest(server.port, lines())
    await server.close()
    expect(answer.status).toBe(status)
  })

  it('takes no outage, ambiguity or foreign page for an anonymous request', async () => {
    const app = createApp()
    app.use(requireBearer({ ...issuer.options, cookie: { name: NAME }, optional: true }))
    app.all('/', (_req, res) => void res.sendStatus(204))
    const statusOf = async (cookie: string): Promise<number> =>
      (await request(app).post('/').set(CROSS_SITE).set('Cookie', cookie)).status
    const anonymous = await request(app).get('/')
    expect([anonymous.status, anonymous.headers['vary']]).toEqual([
      204,
      expect.stringMatching(/^Cookie, /),
    ])
    expect(await statusOf('a=b')).toBe(204)
    expect(await statusOf(`${NAME}=${token}`)).toBe(403)
    expect(await statusOf(`${NAME}=a; ${NAME}=b`)).toBe(400)
  })

  it('tells the events how the token came, and never the token', async () => {
    const events: AuthEvent[] = []
    const app = api({}, (event) => events.push(event))
    await request(app).get('/').set('Cookie', `${NAME}=${token}`)
    await request(app).post('/').set(CROSS_SITE).set('Cookie', `${NAME}=${token}`)
    expect(events).toMatchObject([
      { name: 'keys.refreshed' },
      { name: 'bearer.accepted', token: { transport: 'cookie' } },
      { name: 'request.refused', guard: 'requireBearer', code: 'csrf_cross_site' },
    ])
    expect(JSON.stringify(events)).not.toContain(token)
  })
})

describe('the cookie options of requireBearer', () => {
  it.each<[object, RegExp]>([
    [{ cookie: 'a b' }, /"cookie" must be the name of a cookie/],
    [{ cookie: {} }, /"cookie.name" must be the name of a cookie/],
    [{ cookie: null }, /"cookie" must be the name of a cookie/],
    [{ cookie: { name: 'at', open: 1 } }, /"cookie.open" must be a function/],
    [{ cookie: { name: 'at', path: '/' } }, /unknown option "cookie.path"/],
    [
      { cookie: 'at', trustedOrigins: [] },
      /"trustedOrigins". Did you mean "cookie.trustedOrigins"/,
    ],
    [
      { cookie: 'at', origin: 'https://a.example' },
      /"origin" must be left out without "dpop". Did you mean "cookie.origin"/,
    ],
    [{ isolateReads: false }, /"isolateReads". Did you mean "cookie.isolateReads"/],
    [
      { cookie: { name: 'at', trustedOrigins: ['*'] } },
      /"cookie.trustedOrigins" must hold origins/,
    ],
    [{ cookie: { name: 'at', origin: 'a.example' } }, /"cookie.origin" must hold origins/],
    [{ cookie: { name: 'at', isolateReads: 0 } }, /"cookie.isolateReads" must be true or false/],
  ])('refuses %j at construction', (options, complaint) => {
    const all = {
      issuer: 'https://id.example',
      audience: 'api',
      ...options,
    } as RequireBearerOptions
    expect(() => requireBearer(all)).toThrow(complaint)
  })
})
