import { describe, expect, it } from '@jest/globals'
import type { Express } from 'express'
import request from 'supertest'
import { csrfGuard, requireBearer, type AuthEvent, type CsrfGuardOptions } from '../../lib/index.js'
import { factsOf } from '../../lib/http/guard/facts.js'
import { createTestIssuer } from '../../lib/testing.js'
import { EXPRESS_VERSIONS } from '../support/express-versions.js'
import { rawRequest, serve } from '../../tools/server.js'

const CROSS_SITE = { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' }

describe.each(EXPRESS_VERSIONS)('csrfGuard on %s', (_version, createApp) => {
  const issuer = createTestIssuer()

  function guarded(options?: CsrfGuardOptions): Express {
    const app = createApp()
    app.use(csrfGuard(options))
    app.all('/transfer', (_req, res) => void res.json({ done: true }))
    return app
  }

  it('answers a cross-site post with 403 JSON, no challenge and nothing to cache (FM-02, FM-05, BFF-10)', async () => {
    const response = await request(guarded())
      .post('/transfer')
      .set(CROSS_SITE)
      .type('text/plain')
      .send('{"amount":1}')
    expect(response.status).toBe(403)
    expect(response.type).toBe('application/json')
    expect(response.body).toMatchObject({ error: 'csrf_cross_site' })
    expect(response.headers).not.toHaveProperty('www-authenticate')
    expect(response.headers['cache-control']).toBe('no-store')
    expect(response.headers['vary']).toBe('Origin, Sec-Fetch-Site')
  })

  it.each([
    ['a sibling subdomain (BFF-11)', { 'Sec-Fetch-Site': 'same-site' }, 'csrf_cross_site'],
    ['a foreign Origin', { Origin: 'https://evil.example' }, 'csrf_origin_mismatch'],
    ['a cookie without any origin', { Cookie: 'a=b' }, 'csrf_origin_missing'],
    [
      'another Host vouched for by X-Forwarded-Host',
      { Origin: 'https://evil.example', 'X-Forwarded-Host': 'evil.example' },
      'csrf_origin_mismatch',
    ],
    [
      'a method override in a header (FM-08)',
      { ...CROSS_SITE, 'X-HTTP-Method-Override': 'GET' },
      'csrf_cross_site',
    ],
    [
      'an Authorization header that nobody verified',
      { ...CROSS_SITE, Authorization: 'Bearer garbage', Cookie: 'a=b' },
      'csrf_cross_site',
    ],
  ])('refuses %s', async (_name, headers, error) => {
    const response = await request(guarded()).post('/transfer').set(headers)
    expect({ status: response.status, body: response.body as unknown }).toEqual({
      status: 403,
      body: { error, error_description: expect.any(String) },
    })
  })

  it.each([
    ['the same origin', { 'Sec-Fetch-Site': 'same-origin' }],
    ['a script without cookies', {}],
    ['a script with a cookie and the custom header', { Cookie: 'a=b', 'X-CSRF': '1' }],
    ['a trusted origin', { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://app.example' }],
  ])('lets %s pass', async (_name, headers) => {
    const app = guarded({ trustedOrigins: ['https://app.example'] })
    const response = await request(app).post('/transfer').set(headers)
    expect(response.status).toBe(200)
    expect(response.headers['vary']).toBe('Origin, Sec-Fetch-Site')
  })

  it('compares Origin with Host where no origin is configured (FM-04)', async () => {
    const server = await serve(guarded())
    const own = await request(server.url).post('/transfer').set('Origin', server.url)
    const foreign = await request(server.url).post('/transfer').set('Origin', 'http://localhost:1')
    await server.close()
    expect([own.status, foreign.status]).toEqual([200, 403])
  })

  it('reads two Sec-Fetch-Site lines as none that a browser sends', async () => {
    const server = await serve(guarded())
    const answer = await rawRequest(
      server.port,
      ['Sec-Fetch-Site: same-origin', 'Sec-Fetch-Site: same-origin', 'Content-Length: 0'],
      'POST /transfer HTTP/1.1',
    )
    await server.close()
    expect(answer.status).toBe(403)
  })

  it('judges a request by the method it was sent with (FM-08)', async () => {
    const app = createApp()
    app.use((req, _res, next) => {
      Object.assign(req, { originalMethod: req.method })
      req.method = 'GET'
      next()
    })
    app.use(csrfGuard())
    app.get('/transfer', (_req, res) => void res.sendStatus(200))
    const response = await request(app).post('/transfer').set(CROSS_SITE)
    expect(response.status).toBe(403)
  })

  it('lets exempt requests pass, with an event, and their neighbours not', async () => {
    const events: AuthEvent[] = []
    const app = createApp()
    const guard = csrfGuard({
      exempt: ['/hooks/pay', (req) => req.headers['x-signed'] !== undefined],
      onEvent: (event) => events.push(event),
    })
    app.use('/hooks', guard, (_req, res) => void res.sendStatus(200))
    const statusOf = async (path: string, headers = {}): Promise<number> =>
      (await request(app).post(path).set(CROSS_SITE).set(headers)).status
    expect(await statusOf('/hooks/pay?id=1')).toBe(200)
    expect(await statusOf('/hooks/other', { 'X-Signed': 'yes' })).toBe(200)
    expect(events).toEqual([
      { name: 'csrf.exempt', guard: 'csrfGuard', exemption: '/hooks/pay' },
      { name: 'csrf.exempt', guard: 'csrfGuard', exemption: 'a predicate' },
    ])
    for (const path of ['/hooks/pay/x', '/hooks//pay', '/hooks/pay//', '/hooks/%70ay']) {
      expect({ path, status: await statusOf(path) }).toEqual({ path, status: 403 })
    }
  })

  it.each([
    ['in other letters', {}, ['/hooks/PAY', '/HOOKS/pay?id=1'], 200],
    ['with a final slash', {}, ['/hooks/pay/', '/hooks/Pay/?id=1'], 200],
    ['in other letters', { 'case sensitive routing': true }, ['/hooks/PAY', '/Hooks/pay'], 403],
    ['with a final slash', { 'strict routing': true }, ['/hooks/pay/'], 403],
    ['with a final slash', { 'case sensitive routing': true }, ['/hooks/pay/'], 200],
  ])('exempts a path %s as Express routes it, by its settings %j', async (_name, on, paths, to) => {
    const app = createApp()
    for (const setting of Object.keys(on)) app.enable(setting)
    app.use(csrfGuard({ exempt: ['/hooks/pay'] }))
    app.post('/hooks/pay', (_req, res) => void res.sendStatus(200))
    for (const path of paths) {
      expect((await request(app).post(path).set(CROSS_SITE)).status).toBe(to)
    }
  })

  it('tells of a path that leaves out where the guard is mounted', async () => {
    const details: unknown[] = []
    const app = createApp()
    const exempt = ['/callback']
    app.use('/auth', csrfGuard({ exempt, onEvent: (event) => details.push(event) }))
    expect((await request(app).post('/auth/callback').set(CROSS_SITE)).status).toBe(403)
    expect(details).toMatchObject([
      { detail: expect.stringMatching(/^"exempt" holds \/callback, .*: \/auth\/callback\. Sec-/) },
    ])
  })

  it('exempts nothing by a predicate that answers with a promise', async () => {
    const predicate = (() => Promise.resolve(false)) as never
    const app = guarded({ exempt: [predicate] })
    expect((await request(app).post('/transfer').set(CROSS_SITE)).status).toBe(403)
  })

  it('asks for an origin also where the app names another ambient credential', async () => {
    const app = guarded({
      ambient: (req) => req.headers.authorization?.startsWith('Basic ') === true,
    })
    const basic = await request(app).post('/transfer').set('Authorization', 'Basic dTpw')
    const cookie = await request(app).post('/transfer').set('Cookie', 'theme=dark')
    expect([basic.status, cookie.status]).toEqual([403, 200])
  })

  it('lets a request pass that authenticated by header, once it is mounted behind requireBearer (FM-06)', async () => {
    const app = createApp()
    app.use(requireBearer(issuer.options))
    app.use(csrfGuard())
    app.post('/notes', (_req, res) => void res.sendStatus(201))
    const authorization = `Bearer ${issuer.token()}`
    const response = await request(app)
      .post('/notes')
      .set(CROSS_SITE)
      .set('Authorization', authorization)
    expect(response.status).toBe(201)
  })

  it('judges the anonymous requests that an optional requireBearer lets pass, and answers like it', async () => {
    const events: AuthEvent[] = []
    const app = createApp()
    app.use(
      requireBearer({
        ...issuer.options,
        optional: true,
        errorFormat: 'problem',
        onEvent: (event) => events.push(event),
      }),
    )
    app.use(csrfGuard())
    const response = await request(app).post('/login').set(CROSS_SITE)
    expect(response.status).toBe(403)
    expect(response.type).toBe('application/problem+json')
    expect(events).toMatchObject([{ guard: 'csrfGuard', code: 'csrf_cross_site', status: 403 }])
  })

  it('tells the developer, and not the sender, what to configure', async () => {
    const events: AuthEvent[] = []
    const app = guarded({ onEvent: (event) => events.push(event) })
    const response = await request(app).post('/transfer').set(CROSS_SITE)
    expect(events).toEqual([
      {
        name: 'request.refused',
        guard: 'csrfGuard',
        code: 'csrf_cross_site',
        reason: 'csrf_cross_site',
        family: 'credential',
        status: 403,
        detail:
          'Sec-Fetch-Site is cross-site, Origin is https://evil.example. If that is your front end, add it to "trustedOrigins"',
      },
    ])
    expect(response.text).not.toContain('trustedOrigins')
  })

  it('leaves the answer to onRefuse, and problem details to those who ask', async () => {
    const delegated = await request(
      guarded({ onRefuse: (error, _req, res) => void res.writeHead(418).end(error.code) }),
    )
      .post('/transfer')
      .set(CROSS_SITE)
    expect([delegated.status, delegated.text]).toEqual([418, 'csrf_cross_site'])
    const problem = await request(guarded({ errorFormat: 'problem' }))
      .post('/transfer')
      .set(CROSS_SITE)
    expect(problem.type).toBe('application/problem+json')
    expect(problem.body).toMatchObject({ status: 403, error: 'csrf_cross_site' })
  })

  it('adds itself to a Vary that is there, and adds nothing twice', async () => {
    const app = createApp()
    app.use((_req, res, next) => {
      res.setHeader('Vary', 'Accept, origin')
      next()
    })
    app.use(csrfGuard(), csrfGuard())
    app.post('/', (_req, res) => void res.sendStatus(200))
    const response = await request(app).post('/')
    expect(response.headers['vary']).toBe('Accept, origin, Sec-Fetch-Site')
  })
})

describe('csrfGuard at construction', () => {
  it.each([false, true])('tells an audit what it does: reportOnly %s', (reportOnly) => {
    expect(factsOf(csrfGuard({ reportOnly }))).toEqual([{ kind: 'csrf', reportOnly }])
  })

  it.each<[CsrfGuardOptions, RegExp]>([
    [{ trustedOrigin: [] } as CsrfGuardOptions, /Did you mean "trustedOrigins"/],
    [{ trustedOrigins: ['https://app.example/'] }, /"trustedOrigins" must hold origins/],
    [{ origin: 'app.example' }, /"origin" must hold origins/],
    [{ header: 'content-type' }, /"header" must be a header of your own/],
    [{ header: 'Sec-Fetch-Site' }, /"header" must be a header of your own/],
    [{ header: 'x csrf' }, /"header" must be a header of your own/],
    [{ exempt: ['hooks'] }, /"exempt" must hold exact paths/],
    [{ exempt: ['/hooks/*'] }, /"exempt" must hold exact paths/],
    [{ exempt: '/hooks' as never }, /"exempt" must be a list/],
    [{ ambient: true as never }, /"ambient" must be a function/],
    [{ refuseUserNavigation: 1 as never }, /"refuseUserNavigation" must be true or false/],
    [{ strict: true } as CsrfGuardOptions, /"strict". Did you mean "refuseUserNavigation"/],
    [{ onEvent: 'log' as never }, /"onEvent" must be a function/],
    [{ errorFormat: 'html' as never }, /"errorFormat" must be/],
  ])('refuses %p', (options, complaint) => {
    expect(() => csrfGuard(options)).toThrow(complaint)
  })
})
