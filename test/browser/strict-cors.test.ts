import { describe, expect, it } from '@jest/globals'
import type { Express } from 'express'
import request from 'supertest'
import { strictCors, type StrictCorsOptions } from '../../lib/browser/strict-cors.js'
import type { AuthEvent } from '../../lib/core/events/auth-event.js'
import { EXPRESS_VERSIONS } from '../support/express-versions.js'

const APP = 'https://app.example'

describe.each(EXPRESS_VERSIONS)('strictCors on %s', (_version, createApp) => {
  function api(options: Partial<StrictCorsOptions> = {}): Express {
    const app = createApp()
    app.use(strictCors({ trustedOrigins: [APP], ...options }))
    app.all('/', (_req, res) => void res.sendStatus(401))
    return app
  }

  it('answers the preflight of a listed origin before any guard sees it (10017-16)', async () => {
    const response = await request(api({ credentials: true }))
      .options('/')
      .set('Origin', APP)
      .set('Access-Control-Request-Method', 'DELETE')
      .set('Access-Control-Request-Headers', 'authorization')
    expect(response.status).toBe(204)
    expect(response.headers).toMatchObject({
      'access-control-allow-origin': APP,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': expect.stringContaining('DELETE'),
      'access-control-allow-headers': 'authorization',
      'access-control-max-age': '600',
      vary: expect.stringContaining('Origin'),
    })
  })

  it('lets a listed origin read answers, and what they say of tokens and limits', async () => {
    const response = await request(api()).get('/').set('Origin', APP)
    expect(response.status).toBe(401)
    expect(response.headers['access-control-allow-origin']).toBe(APP)
    expect(response.headers['access-control-expose-headers']).toContain('WWW-Authenticate')
    expect(response.headers).not.toHaveProperty('access-control-allow-credentials')
    expect(response.headers['vary']).toBe('Origin')
  })

  it.each([
    'https://evil.example',
    'null',
    'http://app.example',
    'https://app.example.evil.test',
    'https://sub.app.example',
    'https://app.example:8443',
    'https://APP.example',
  ])('gives %s no CORS header and no error', async (origin) => {
    const app = api({ credentials: true })
    const read = await request(app).get('/').set('Origin', origin)
    const preflight = await request(app)
      .options('/')
      .set('Origin', origin)
      .set('Access-Control-Request-Method', 'DELETE')
    for (const { headers } of [read, preflight]) {
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
      expect(headers['vary']).toBe('Origin')
    }
    expect([read.status, preflight.status]).toEqual([401, 204])
  })

  it('varies by Origin even where none came, or a cache would serve one origin the answer of another', async () => {
    expect((await request(api()).get('/')).headers['vary']).toBe('Origin')
  })

  it('says what the options say, to the pages that are listed', async () => {
    const app = api({
      methods: ['GET', 'PUT'],
      allowedHeaders: ['x-csrf'],
      exposedHeaders: ['etag'],
      maxAgeSeconds: 60,
    })
    const preflight = await request(app)
      .options('/')
      .set('Origin', APP)
      .set('Access-Control-Request-Method', 'PUT')
    expect(preflight.headers).toMatchObject({
      'access-control-allow-methods': 'GET,PUT',
      'access-control-allow-headers': 'x-csrf',
      'access-control-max-age': '60',
    })
    const { headers } = await request(app).get('/').set('Origin', APP)
    expect(headers['access-control-expose-headers']).toBe(
      'WWW-Authenticate,DPoP-Nonce,Retry-After,RateLimit,RateLimit-Policy,X-Request-Id,etag',
    )
    const plain = await request(api()).get('/').set('Origin', APP)
    expect(plain.headers['access-control-expose-headers']).toMatch(/X-Request-Id$/)
  })

  it.each([
    ['OPTIONS without the method to ask for', 'options', {}],
    ['another method with it', 'post', { 'Access-Control-Request-Method': 'PUT' }],
  ] as const)('takes no %s for a preflight', async (_what, method, headers) => {
    const asked = request(api())
    const sent = method === 'post' ? asked.post('/') : asked.options('/')
    expect((await sent.set({ Origin: 'https://evil.example', ...headers })).status).toBe(401)
  })

  it('tells nothing of requests without an origin, and nothing of its own pages over https', async () => {
    const events: AuthEvent[] = []
    const app = api({ onEvent: (event) => events.push(event) }).set('trust proxy', true)
    await request(app).get('/')
    const headers = { Host: 'api.example', 'X-Forwarded-Proto': 'https' }
    await request(app)
      .post('/')
      .set({ ...headers, Origin: 'https://api.example' })
    expect(events).toEqual([])
    await request(app)
      .post('/')
      .set({ ...headers, Origin: 'http://api.example' })
    expect(events).toHaveLength(1)
  })

  it('tells of foreign origins, and not of its own pages', async () => {
    const events: AuthEvent[] = []
    const app = api({ onEvent: (event) => events.push(event) })
    await request(app).post('/').set('Origin', 'https://evil.example')
    await request(app).post('/').set('Host', 'api.example').set('Origin', 'http://api.example')
    expect(events).toEqual([{ name: 'cors.rejected', origin: 'https://evil.example' }])
  })
})

describe('the options of strictCors', () => {
  it.each<[object, RegExp]>([
    [{ trustedOrigins: true }, /"trustedOrigins" must be a non-empty string/],
    [{ trustedOrigins: ['*'] }, /"trustedOrigins" must hold origins/],
    [{ trustedOrigins: [/app/] }, /"trustedOrigins" must be a non-empty string/],
    [{ trustedOrigins: ['null'] }, /"trustedOrigins" must hold origins/],
    [{ trustedOrigins: [] }, /"trustedOrigins" must list at least one/],
    [{}, /"trustedOrigins" must list at least one/],
    [{ trustedOrigins: ['http://app.example'] }, /"trustedOrigins" must be https/],
    [{ trustedOrigins: [APP], exposedHeaders: ['*'] }, /"exposedHeaders" must hold names/],
    [{ trustedOrigins: [APP], allowedHeaders: ['x*'] }, /"allowedHeaders" must hold names/],
    [{ trustedOrigins: [APP], methods: [' GET'] }, /"methods" must hold names/],
    [{ trustedOrigins: [APP], methods: ['GET', ''] }, /"methods" must be a non-empty string/],
    [{ trustedOrigins: [APP], maxAgeSeconds: -1 }, /strictCors: "maxAgeSeconds" must be a number/],
    [{ trustedOrigins: [APP], onEvent: 1 }, /strictCors: "onEvent" must be a function/],
    [
      { trustedOrigins: [APP], dangerouslyAllowPlainHttp: 1 },
      /"dangerouslyAllowPlainHttp" must be true or false/,
    ],
    [{ trustedOrigins: [APP], origins: [APP] }, /"origins". Did you mean "trustedOrigins"/],
    [{ trustedOrigins: [APP], credentials: 'yes' }, /"credentials" must be true or false/],
  ])('refuses %j at construction', (options, complaint) => {
    expect(() => strictCors(options as StrictCorsOptions)).toThrow(complaint)
  })

  it.each([
    [{ trustedOrigins: ['http://localhost:5173', 'http://127.0.0.1:3000'] }],
    [{ trustedOrigins: ['http://lan.example'], dangerouslyAllowPlainHttp: true }],
    [
      {
        trustedOrigins: [APP],
        methods: ['GET'],
        allowedHeaders: ['x-csrf'],
        exposedHeaders: ['etag'],
      },
    ],
  ])('takes %j', (options) => {
    expect(() => strictCors(options)).not.toThrow()
  })
})
