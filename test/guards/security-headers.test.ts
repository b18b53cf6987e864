import { describe, expect, it } from '@jest/globals'
import express, { type Express, type NextFunction, type Request, type Response } from 'express'
import helmet from 'helmet'
import request from 'supertest'
import { requireBearer, securityHeaders, type SecurityHeadersOptions } from '../../lib/index.js'
import { EXPRESS_VERSIONS } from '../support/express-versions.js'
import { rawRequest, serve } from '../../tools/server.js'

describe.each(EXPRESS_VERSIONS)('securityHeaders on %s', (_version, createApp) => {
  function appWith(options?: SecurityHeadersOptions): Express {
    const app = createApp()
    app.use(securityHeaders(options))
    app.get('/', (_req, res) => void res.send('ok'))
    app.get('/page', (_req, res) => {
      res.send(`<script nonce="${String(res.locals['cspNonce'])}">1</script>`)
    })
    app.get('/crash', () => {
      throw new Error('handler failed')
    })
    return app
  }

  it('sends what an API needs by default, and not its own name', async () => {
    const { headers } = await request(appWith()).get('/').set('Host', 'api.example')
    expect(headers).toMatchObject({
      'content-security-policy':
        "default-src 'none';frame-ancestors 'none';base-uri 'none';form-action 'none'",
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    })
    expect(headers).not.toHaveProperty('x-powered-by')
    expect(headers).not.toHaveProperty('permissions-policy')
  })

  it('sends what pages need in the preset web', async () => {
    const { headers } = await request(appWith({ preset: 'web' }))
      .get('/')
      .set('Host', 'app.example')
    expect(headers).toMatchObject({
      'referrer-policy': 'strict-origin-when-cross-origin',
      'origin-agent-cluster': '?1',
      'permissions-policy': expect.stringContaining('camera=(), '),
    })
    expect(headers).not.toHaveProperty('cache-control')
  })

  // The headers of OWASP's REST Security and HTTP Headers cheat sheets, and those of the Secure Headers Project.
  it.each<[header: string, api: string | undefined, web: string | undefined]>([
    [
      'Strict-Transport-Security',
      'max-age=31536000; includeSubDomains',
      'max-age=31536000; includeSubDomains',
    ],
    ['X-Content-Type-Options', 'nosniff', 'nosniff'],
    ['X-Frame-Options', 'DENY', 'DENY'],
    ['Cross-Origin-Resource-Policy', 'same-origin', 'same-origin'],
    ['Cross-Origin-Opener-Policy', 'same-origin', 'same-origin'],
    ['Cross-Origin-Embedder-Policy', undefined, undefined],
    ['Referrer-Policy', 'no-referrer', 'strict-origin-when-cross-origin'],
    ['Cache-Control', 'no-store', undefined],
    ['Clear-Site-Data', undefined, undefined],
    ['X-Permitted-Cross-Domain-Policies', undefined, undefined],
    ['X-DNS-Prefetch-Control', undefined, undefined],
    ['X-XSS-Protection', undefined, undefined],
    ['Expect-CT', undefined, undefined],
    ['Public-Key-Pins', undefined, undefined],
    ['X-Powered-By', undefined, undefined],
    ['Server', undefined, undefined],
  ])('sends of %s, on OWASP’s lists, what each preset says', async (header, api, web) => {
    const sent = async (preset: 'api' | 'web'): Promise<unknown> => {
      const answer = await request(appWith({ preset })).get('/').set('Host', 'app.example')
      return answer.get(header)
    }
    expect([await sent('api'), await sent('web')]).toEqual([api, web])
  })

  it('makes a fresh nonce for each response that reads it, and one only', async () => {
    const app = appWith({ preset: 'web' })
    const first = await request(app).get('/page')
    const second = await request(app).get('/page')
    expect(Buffer.from(nonceOf(first), 'base64')).toHaveLength(16)
    expect(nonceOf(first)).not.toBe(nonceOf(second))
    const policy = first.headers['content-security-policy']
    expect(policy).toContain(`script-src 'nonce-${nonceOf(first)}' 'strict-dynamic'`)
    expect(policy).toContain(`style-src 'self' 'nonce-${nonceOf(first)}'`)
  })

  it('gives way to a nonce of the app’s own', async () => {
    const app = createApp()
    app.use(securityHeaders({ preset: 'web' }))
    app.get('/', (_req, res) => {
      res.locals['cspNonce'] = 'own'
      res.json({ nonce: res.locals['cspNonce'] as string })
    })
    const response = await request(app).get('/')
    expect(response.body).toEqual({ nonce: 'own' })
    expect(response.headers['content-security-policy']).not.toContain('nonce-')
  })

  it('offers no nonce where no policy wants one', async () => {
    const { text, headers } = await request(appWith()).get('/page')
    expect(text).toContain('nonce="undefined"')
    expect(headers['content-security-policy']).not.toContain('nonce')
  })

  it('keeps a policy that somebody else put there since, without a nonce of ours', async () => {
    const app = createApp()
    app.use(securityHeaders({ preset: 'web' }))
    app.get('/', (_req, res) => {
      res.setHeader('Content-Security-Policy', "default-src 'self'")
      res.send(String(res.locals['cspNonce']))
    })
    const { headers } = await request(app).get('/')
    expect(headers['content-security-policy']).toBe("default-src 'self'")
  })

  it('never makes a nonce twice', async () => {
    const server = await serve(appWith({ preset: 'web' }))
    const pages = await Promise.all(
      Array.from({ length: 600 }, async () => (await fetch(`${server.url}/page`)).text()),
    )
    await server.close()
    expect(new Set(pages.map((text) => nonceOf({ text }))).size).toBe(600)
  })

  it('names no nonce where none was read', async () => {
    const { headers } = await request(appWith({ preset: 'web' })).get('/')
    expect(headers['content-security-policy']).toContain("script-src 'strict-dynamic';")
    expect(headers['content-security-policy']).not.toContain('nonce')
  })

  it('hands the nonce to templates', async () => {
    const app = appWith({ preset: 'web' })
    app.engine('ts', (_path, values, done) => {
      done(null, String((values as Record<string, unknown>)['cspNonce']))
    })
    app.set('views', 'tools')
    app.get('/rendered', (_req, res) => res.render('server.ts'))
    const response = await request(app).get('/rendered')
    expect(response.text).toMatch(/^[A-Za-z0-9+/]{22}==$/)
    expect(response.headers['content-security-policy']).toContain(`'nonce-${response.text}'`)
  })

  it.each([
    ['api.example', true],
    ['api.example:8443', true],
    ['localhost', false],
    ['LOCALHOST:3000', false],
    ['app.localhost:3000', false],
    ['192.168.1.10:3000', false],
    ['[::1]:3000', false],
  ])('sends HSTS to %s: %p', async (host, sent) => {
    const { headers } = await request(appWith()).get('/').set('Host', host)
    expect('strict-transport-security' in headers).toBe(sent)
  })

  it('stays on what was not found, what crashed and what a guard refused', async () => {
    const app = appWith()
    app.use('/api', requireBearer({ issuer: 'http://127.0.0.1:1', audience: 'api' }))
    app.use((_error: unknown, _req: Request, res: Response, next: NextFunction) => {
      res.status(500)
      next('sorry')
    })
    for (const [path, status] of [
      ['/missing', 404],
      ['/crash', 500],
      ['/api/notes', 401],
    ] as const) {
      const response = await request(app).get(path)
      expect(response.status).toBe(status)
      expect(response.headers).toMatchObject({
        'x-frame-options': 'DENY',
        'cross-origin-resource-policy': 'same-origin',
        'content-security-policy': expect.stringContaining("default-src 'none'"),
        'cache-control': 'no-store',
      })
    }
  })

  it.each<[string, (app: Express) => void]>([
    ['before it', (app) => void app.use(helmet(), securityHeaders())],
    ['after it', (app) => void app.use(securityHeaders(), helmet())],
    ['twice', (app) => void app.use(securityHeaders(), securityHeaders({ preset: 'web' }))],
  ])('sends no header twice with helmet() or itself mounted %s', async (_name, mount) => {
    const app = createApp()
    mount(app)
    app.get('/', (_req, res) => void res.send('ok'))
    const server = await serve(app)
    const answer = await rawRequest(server.port, [])
    await server.close()
    const repeated = [...answer.headers].filter(([, lines]) => lines.length > 1)
    expect(answer.headers.get('content-security-policy')).toHaveLength(1)
    expect(repeated).toEqual([])
  })

  it('lets the handler choose its own Cache-Control, and a later CSP stand', async () => {
    const app = createApp()
    app.use(securityHeaders({ preset: 'web' }))
    app.get('/', (_req, res) => {
      res.setHeader('Content-Security-Policy', "default-src 'self'")
      res.setHeader('Cache-Control', 'max-age=60')
      res.send(String(res.locals['cspNonce']))
    })
    const { headers } = await request(app).get('/')
    expect(headers['content-security-policy']).toBe("default-src 'self'")
    expect(headers['cache-control']).toBe('max-age=60')
  })
})

describe('the options of securityHeaders', () => {
  it('puts directives over those of the preset, and takes away what is null', async () => {
    const headers = await headersOf({
      contentSecurityPolicy: { 'connect-src': ['https://api.example'], 'form-action': null },
    })
    expect(headers['content-security-policy']).toBe(
      "default-src 'none';frame-ancestors 'none';base-uri 'none';connect-src https://api.example",
    )
  })

  it('takes a function from the directives of the preset', async () => {
    const headers = await headersOf({
      contentSecurityPolicy: (directives) => ({
        ...directives,
        'default-src': [...directives['default-src']!, 'https://cdn.example'].slice(1),
      }),
      cspReportOnly: true,
    })
    expect(headers['content-security-policy-report-only']).toContain(
      'default-src https://cdn.example;',
    )
    expect(headers).not.toHaveProperty('content-security-policy')
  })

  it('leaves out what is false', async () => {
    const headers = await headersOf({
      preset: 'web',
      contentSecurityPolicy: false,
      strictTransportSecurity: false,
      crossOriginOpenerPolicy: false,
      crossOriginResourcePolicy: false,
      frameOptions: false,
      referrerPolicy: false,
      permissionsPolicy: false,
      cacheControl: false,
    })
    const ours = Object.keys(headers).filter((name) => /policy|security|frame|cache/.test(name))
    expect(ours).toEqual([])
  })

  it('sends each value that is chosen', async () => {
    const headers = await headersOf({
      preset: 'web',
      strictTransportSecurity: { maxAgeSeconds: 60, includeSubDomains: false, preload: true },
      crossOriginOpenerPolicy: 'same-origin-allow-popups',
      crossOriginResourcePolicy: 'cross-origin',
      frameOptions: 'sameorigin',
      referrerPolicy: 'same-origin',
      permissionsPolicy: { camera: '(self "https://meet.example")', usb: null },
      cacheControl: 'private, max-age=60',
    })
    expect(headers).toMatchObject({
      'strict-transport-security': 'max-age=60; preload',
      'cross-origin-opener-policy': 'same-origin-allow-popups',
      'cross-origin-resource-policy': 'cross-origin',
      'x-frame-options': 'SAMEORIGIN',
      'referrer-policy': 'same-origin',
      'cache-control': 'private, max-age=60',
    })
    expect(headers['permissions-policy']).toContain('camera=(self "https://meet.example")')
    expect(headers['permissions-policy']).not.toContain('usb')
  })

  it.each<[unknown, RegExp]>([
    [{ presets: 'web' }, /^securityHeaders: unknown option "presets"\. Did you mean "preset"\?$/],
    [{ preset: 'html' }, /"preset" must be 'api' or 'web'/],
    [{ contentSecurityPolicy: true }, /"contentSecurityPolicy" must be an object/],
    [
      { contentSecurityPolicy: { 'script-scr': [] } },
      /unknown option "script-scr"\. Did you mean "script-src"/,
    ],
    [{ contentSecurityPolicy: { 'script-src': ['self'] } }, /should be quoted/],
    [{ contentSecurityPolicy: { 'script-src': ["'self'; img-src *"] } }, /invalid directive value/],
    [{ contentSecurityPolicy: { 'default-src': null } }, /default-src/],
    [
      { strictTransportSecurity: { maxAge: 1 } },
      /"strictTransportSecurity.maxAge"\. Did you mean .*maxAgeSeconds/,
    ],
    [{ crossOriginOpenerPolicy: true }, /"crossOriginOpenerPolicy" must be/],
    [{ referrerPolicy: 'origin-only' }, /"referrerPolicy" must be/],
    [{ permissionsPolicy: { camera: 'self' } }, /"permissionsPolicy" must map features/],
    [{ permissionsPolicy: { camera: '(self), usb=*' } }, /"permissionsPolicy" must map features/],
    [{ cacheControl: 'no-store\r\nX: y' }, /"cacheControl" must be printable ASCII/],
  ])('refuses %j at construction', (options, complaint) => {
    expect(() => securityHeaders(options as SecurityHeadersOptions)).toThrow(complaint)
  })
})

async function headersOf(options: SecurityHeadersOptions): Promise<Record<string, string>> {
  const app = express()
  app.use(securityHeaders(options))
  app.get('/', (_req, res) => void res.send('ok'))
  const response = await request(app).get('/').set('Host', 'app.example')
  return response.headers
}

function nonceOf({ text }: { readonly text: string }): string {
  return text.split('"')[1]!
}
