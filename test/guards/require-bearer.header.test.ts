import { beforeAll, describe, expect, it } from '@jest/globals'
import type { Express } from 'express'
import request from 'supertest'
import { fetchGuard } from '../../lib/fetch.js'
import {
  authOf,
  csrfGuard,
  memoryReplayStore,
  requireBearer,
  type AuthEvent,
  type BearerOptions,
  type RequireBearerOptions,
  type TokenHeaderOptions,
} from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'
import { rawRequest, serve } from '../../tools/server.js'
import { EXPRESS_VERSIONS } from '../support/express-versions.js'

const NAME = 'Cf-Access-Jwt-Assertion'
const SAME_ORIGIN = { 'Sec-Fetch-Site': 'same-origin' }
const CROSS_SITE = { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' }

const issuer = createTestIssuer()
let token: string

beforeAll(async () => {
  await issuer.listen()
  token = issuer.token()
})

describe.each(EXPRESS_VERSIONS)('requireBearer with a header of its own on %s', (_v, newApp) => {
  function api(
    header: Partial<TokenHeaderOptions> = {},
    more: Partial<BearerOptions> = {},
  ): Express {
    const app = newApp()
    app.use(requireBearer({ ...issuer.options, header: { name: NAME, ...header }, ...more }))
    app.all('/', (req, res) => void res.json({ transport: authOf(req).transport }))
    return app
  }

  it('reads the token from it, and lets nobody cache the answer', async () => {
    const read = await request(api()).get('/').set(NAME, token)
    expect([read.status, read.body]).toEqual([200, { transport: 'named-header' }])
    expect(read.headers['cache-control']).toBe('no-store')
    expect(read.headers['vary']).toBe(
      'cf-access-jwt-assertion, Origin, Sec-Fetch-Site, Sec-Fetch-Mode, Sec-Fetch-Dest',
    )
  })

  it.each([
    ['a good token', () => `Bearer ${token}`],
    ['a scheme of the client or of another proxy', () => 'Basic eA=='],
  ])('never reads Authorization: %s', async (_name, authorization) => {
    const app = api()
    const alone = await request(app).get('/').set('Authorization', authorization())
    expect([alone.status, alone.headers['www-authenticate']]).toEqual([401, 'Bearer realm="api"'])
    const both = await request(app).get('/').set('Authorization', authorization()).set(NAME, token)
    expect(both.status).toBe(200)
  })

  it.each([
    ['its own page', SAME_ORIGIN, {}, 200],
    ['a foreign page: the proxy adds the token for its cookie', CROSS_SITE, {}, 403],
    ['a sibling subdomain', { 'Sec-Fetch-Site': 'same-site' }, {}, 403],
    ['an old browser on a foreign page', { Origin: 'https://evil.example' }, {}, 403],
    ['a script without origin', {}, {}, 403],
    ['a script that says so', { 'X-CSRF': '1' }, {}, 200],
    [
      'a trusted page',
      { 'Sec-Fetch-Site': 'same-site', Origin: 'https://app.example' },
      { trustedOrigins: ['https://app.example'] },
      200,
    ],
  ])('judges a post by %s', async (_name, headers, options, status) => {
    const app = api(options)
    // Known tokens are judged like new ones.
    const post = (): request.Test => request(app).post('/').set(headers).set(NAME, token)
    expect([(await post()).status, (await post()).status]).toEqual([status, status])
  })

  it('refuses to be loaded by a foreign page, unless isolateReads is off', async () => {
    const [refusing, open] = [api(), api({ isolateReads: false })]
    expect((await request(refusing).get('/').set(CROSS_SITE).set(NAME, token)).status).toBe(403)
    expect((await request(open).get('/').set(CROSS_SITE).set(NAME, token)).status).toBe(200)
  })

  it.each([
    ['the scheme', () => `Bearer ${token}`, 200],
    ['the scheme in other letters, and more spaces', () => `bearer  ${token}`, 200],
    ['another scheme', () => `Basic ${token}`, 401],
    ['no scheme', () => token, 401],
    ['nothing behind it', () => 'Bearer', 400],
    ['JSON', () => 'Bearer {}', 400],
  ])('reads behind a scheme, where one is named: %s', async (_name, value, status) => {
    const response = await request(api({ scheme: 'Bearer' }))
      .get('/')
      .set(NAME, value())
    expect(response.status).toBe(status)
  })

  it.each([
    ['two lines', () => [`${NAME}: ${token}`, `${NAME}: ${token}`], 400],
    ['two lines in other letters', () => [`${NAME}: ${token}`, `CF-ACCESS-JWT-ASSERTION: x`], 400],
    ['an empty line', () => [`${NAME}:`], 401],
    ['a tab in front', () => [`${NAME}: \t${token}`], 200],
    ['quotes', () => [`${NAME}: "${token}"`], 400],
    ['padding, as of AWS', () => [`${NAME}: ${token}==`], 401],
    ['12,289 characters', () => [`${NAME}: ${'a'.repeat(12_289)}`], 400],
  ])('answers %s with the right status', async (_name, lines, status) => {
    const server = await serve(api())
    const answer = await rawRequest(server.port, lines())
    await server.close()
    expect(answer.status).toBe(status)
  })

  it('reads the cookie where the header did not come, and never falls back to it', async () => {
    const app = api({}, { cookie: 'CF_Authorization' })
    const Cookie = `CF_Authorization=${token}`
    const read = await request(app).get('/').set({ Cookie })
    expect(read.body).toEqual({ transport: 'cookie' })
    expect(read.headers['vary']).toMatch(/^cf-access-jwt-assertion, Cookie, Origin/)
    expect(
      (
        await request(app)
          .get('/')
          .set({ Cookie, [NAME]: 'bad' })
      ).status,
    ).toBe(401)
  })

  it('is exempt from no csrfGuard behind it, as Authorization is', async () => {
    const app = newApp()
    const header = { name: NAME, trustedOrigins: ['https://evil.example'] }
    app.use(requireBearer({ ...issuer.options, header }), csrfGuard())
    expect((await request(app).post('/').set(CROSS_SITE).set(NAME, token)).status).toBe(403)
  })

  it('tells the events how the token came, and never the token', async () => {
    const events: AuthEvent[] = []
    const app = api({}, { onEvent: (event) => events.push(event) })
    await request(app).get('/').set(NAME, token)
    await request(app).get('/').set(NAME, `${token},`)
    expect(events).toMatchObject([
      { name: 'keys.refreshed' },
      { name: 'bearer.accepted', token: { transport: 'named-header' } },
      { reason: 'duplicate_authorization', detail: expect.stringContaining('cf-access-jwt') },
    ])
    expect(JSON.stringify(events)).not.toContain(token)
  })
})

describe('fetchGuard with a header of its own', () => {
  it.each([
    ['a read', 'GET', {}, true],
    ['a post of its own page', 'POST', SAME_ORIGIN, true],
    ['a post of a foreign page', 'POST', CROSS_SITE, false],
  ])('judges alike: %s', async (_name, method, headers, passes) => {
    const guard = fetchGuard({ ...issuer.options, header: { name: NAME } })
    const sent = { ...headers, authorization: 'Basic eA==', [NAME]: token }
    const answer = await guard(new Request('https://api.example/', { method, headers: sent }))
    expect(answer instanceof Response).toBe(!passes)
    const vary = answer instanceof Response ? answer.headers.get('vary') : undefined
    expect(vary?.startsWith('cf-access-jwt-assertion') ?? passes).toBe(true)
  })
})

describe('the header options of requireBearer', () => {
  it.each<[object, RegExp]>([
    [{ header: 'x-token' }, /"header" must be { name } of a header/],
    [{ header: {} }, /"header.name" must be a non-empty string/],
    [{ header: { name: 'a b' } }, /"header.name" must be the name of a header/],
    [{ header: { name: 'Authorization' } }, /"header.name" must be left out for "authorization"/],
    [{ header: { name: 'cookie' } }, /"header.name" must be none: give the option "cookie"/],
    [{ header: { name: 'x', scheme: true } }, /"header.scheme" must be a non-empty string/],
    [{ header: { name: 'x', scheme: 'a b' } }, /"header.scheme" must be one word/],
    [{ header: { name: 'x', origins: [] } }, /"header.origins". Did you mean "header.origin"/],
    [{ header: { name: 'x', trustedOrigins: ['*'] } }, /"header.trustedOrigins" must hold origins/],
    [
      { header: { name: 'x' }, dpop: { replay: memoryReplayStore() }, origin: 'https://a.example' },
      /"header" must be left out beside "dpop"/,
    ],
  ])('refuses %j at construction', (options, complaint) => {
    const all = {
      issuer: 'https://id.example',
      audience: 'api',
      ...options,
    } as RequireBearerOptions
    expect(() => requireBearer(all)).toThrow(complaint)
  })
})
