import { describe, expect, it } from '@jest/globals'
import cookieParser from 'cookie-parser'
import express, { type Express } from 'express'
import type { IncomingMessage } from 'node:http'
import request, { type Response, type Test } from 'supertest'
import { csrfGuard, requireBearer, type AuthEvent, type CsrfGuardOptions } from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'
import { EXPRESS_VERSIONS } from '../support/express-versions.js'

const SECRETS = ['a secret of at least 32 bytes, no. 1']
const SAME_ORIGIN = { 'Sec-Fetch-Site': 'same-origin' }
const CROSS_SITE = { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' }

function ownHeader({ headers }: IncomingMessage): string | undefined {
  const value = headers['x-own']
  return typeof value === 'string' ? value : undefined
}

function codeOf(response: Response): unknown {
  return response.status === 403 ? (response.body as { error: unknown }).error : response.status
}

/** The first cookie that a response sets, as a browser sends it back. */
function firstCookie(response: Response): string {
  return (response.get('Set-Cookie') ?? [])[0]?.split(';')[0] ?? ''
}

describe.each(EXPRESS_VERSIONS)('csrfGuard on %s, mode header', (_version, createApp) => {
  const app = createApp()
  app.use(csrfGuard({ mode: 'header', header: 'X-Requested-By' }))
  app.all('/', (_req, res) => void res.sendStatus(200))

  it.each([
    ['a same-origin post without it (BFF-09)', SAME_ORIGIN, 'csrf_header_missing'],
    ['an empty one', { ...SAME_ORIGIN, 'X-Requested-By': '' }, 'csrf_header_missing'],
    ['a same-origin post with it (BFF-09)', { ...SAME_ORIGIN, 'X-Requested-By': '1' }, 200],
    ['a foreign page that has it', { ...CROSS_SITE, 'X-Requested-By': '1' }, 'csrf_cross_site'],
    ['a cookie, no origin, and it', { Cookie: 'a=b', 'X-Requested-By': '1' }, 200],
    ['a script without cookies', {}, 200],
  ])('%s', async (_name, headers, expected) => {
    expect(codeOf(await request(app).post('/').set(headers))).toBe(expected)
  })

  it('asks no read for it (BFF-09)', async () => {
    expect((await request(app).get('/').set(CROSS_SITE)).status).toBe(200)
  })
})

describe.each(EXPRESS_VERSIONS)('csrfGuard on %s, mode token', (_version, createApp) => {
  const issuer = createTestIssuer()

  function formApp(options: Partial<CsrfGuardOptions['token']> = {}): Express {
    const app = createApp()
    app.use(express.urlencoded({ extended: false }))
    app.use(csrfGuard({ mode: 'token', token: { secrets: SECRETS, ...options } }))
    app.get('/form', (_req, res) => void res.send((res.locals['csrfToken'] as () => string)()))
    app.get('/plain', (_req, res) => void res.send('cacheable'))
    app.post('/form', (_req, res) => void res.sendStatus(200))
    return app
  }

  const bySession = formApp({ bindTo: (req) => String(req.headers['x-session']) })

  it('accepts a token of the session in the header or the form, and of no other session (BFF-12)', async () => {
    const { text: token } = await request(bySession).get('/form').set('X-Session', 'alice')
    const post = (session: string): Test =>
      request(bySession).post('/form').set(SAME_ORIGIN).set('X-Session', session)
    expect(codeOf(await post('alice').set('X-CSRF-Token', token))).toBe(200)
    expect(codeOf(await post('alice').type('form').send({ _csrf: token }))).toBe(200)
    expect(codeOf(await post('mallory').type('form').send({ _csrf: token }))).toBe(
      'csrf_token_invalid',
    )
    expect(codeOf(await post('alice'))).toBe('csrf_token_missing')
    expect(codeOf(await post('alice').query({ _csrf: token }))).toBe('csrf_token_missing')
    expect(codeOf(await post('alice').set('X-CSRF-Token', '"'))).toBe('csrf_token_invalid')
    expect(codeOf(await post('alice').set(CROSS_SITE).set('X-CSRF-Token', token))).toBe(
      'csrf_cross_site',
    )
  })

  it('binds the tokens of visitors who have not logged in to a cookie that only the server can set', async () => {
    const app = formApp()
    const page = await request(app).get('/form')
    const [cookie = ''] = page.get('Set-Cookie') ?? []
    expect(cookie).toMatch(
      /^__Host-Http-csrf_seed=[\w-]{22}; Path=\/; Max-Age=86400; HttpOnly; Secure; SameSite=Lax$/,
    )
    const seed = cookie.split(';')[0]!
    const post = (cookies: string): Test =>
      request(app)
        .post('/form')
        .set(SAME_ORIGIN)
        .set('Cookie', cookies)
        .set('X-CSRF-Token', page.text)
    expect(codeOf(await post(seed))).toBe(200)
    expect(codeOf(await post('other=1'))).toBe('csrf_token_invalid')
    expect(codeOf(await post(`${seed}; ${seed}`))).toBe('csrf_token_invalid')
    expect(codeOf(await post('__Host-Http-csrf_seed=j:{}'))).toBe('csrf_token_invalid')
    const again = await request(app).get('/form').set('Cookie', seed)
    expect(again.get('Set-Cookie')).toBeUndefined()
    expect(codeOf(await post(seed).set('X-CSRF-Token', again.text))).toBe(200)
  })

  it('keeps its own cookie behind cookie-parser, whatever that has signed', async () => {
    const app = createApp()
    app.use(cookieParser('the secret that cookie-parser signs with'))
    app.use(csrfGuard({ mode: 'token', token: { secrets: SECRETS } }))
    app.get('/visit', (_req, res) => void res.cookie('visitor', 'a', { signed: true }).end())
    app.get('/form', (_req, res) => void res.send((res.locals['csrfToken'] as () => string)()))
    app.post('/form', (_req, res) => void res.sendStatus(200))
    const visitor = firstCookie(await request(app).get('/visit'))
    const page = await request(app).get('/form').set('Cookie', visitor)
    const seed = firstCookie(page)
    expect(seed).toMatch(/^__Host-Http-csrf_seed=/)
    const post = request(app).post('/form').set(SAME_ORIGIN).set('X-CSRF-Token', page.text)
    expect(codeOf(await post.set('Cookie', `${visitor}; ${seed}`))).toBe(200)
  })

  it.each([[{ seedCookie: '__Host-visitor' }, /"token.seedCookie". Did you mean "token.bindTo"/]])(
    'refuses %j at construction',
    (options, complaint) => {
      expect(() => formApp(options as never)).toThrow(complaint)
    },
  )

  it('sets no cookie for a page that asks for no token', async () => {
    expect((await request(formApp()).get('/plain')).get('Set-Cookie')).toBeUndefined()
  })

  it("refuses to make a token that is bound to nothing: it would be everybody's", async () => {
    const app = formApp({ bindTo: () => '' })
    app.use((error: Error, _req: unknown, res: express.Response, _next: unknown) => {
      res.status(500).send(error.message)
    })
    const response = await request(app).get('/form')
    expect(response.status).toBe(500)
    expect(response.text).toContain('"token.bindTo" returned no session')
  })

  it('refuses a post whose session is gone or forged like one of another session', async () => {
    const app = formApp({ bindTo: (req) => ownHeader(req) ?? '' })
    const { text: token } = await request(app).get('/form').set('X-Own', 'alice')
    const post = request(app).post('/form').set(SAME_ORIGIN).set('Cookie', 'session=forged')
    expect(codeOf(await post.set('X-CSRF-Token', token))).toBe('csrf_token_invalid')
  })

  it('finds the token where the app says it is', async () => {
    const app = createApp()
    const token = { secrets: SECRETS, bindTo: () => 'alice', readToken: ownHeader }
    app.use(csrfGuard({ mode: 'token', token }))
    app.get('/', (_req, res) => void res.send((res.locals['csrfToken'] as () => string)()))
    app.post('/', (_req, res) => void res.sendStatus(200))
    const { text } = await request(app).get('/')
    const post = (header: string): Test => request(app).post('/').set(SAME_ORIGIN).set(header, text)
    expect(codeOf(await post('X-Own'))).toBe(200)
    expect(codeOf(await post('X-CSRF-Token'))).toBe('csrf_token_missing')
  })

  it('binds to the session of the token that requireBearer verified', async () => {
    const app = createApp()
    app.use(requireBearer({ ...issuer.options, cookie: 'at' }))
    app.use(csrfGuard({ mode: 'token', token: { secrets: SECRETS } }))
    app.get('/', (_req, res) => void res.send((res.locals['csrfToken'] as () => string)()))
    app.post('/', (_req, res) => void res.sendStatus(200))
    const cookieOf = (sid: string): string => `at=${issuer.token({ sid })}`
    const alice = cookieOf('alice')
    const { text: token } = await request(app).get('/').set('Cookie', alice)
    const post = (cookie: string): Test =>
      request(app).post('/').set(SAME_ORIGIN).set('Cookie', cookie).set('X-CSRF-Token', token)
    expect(codeOf(await post(alice))).toBe(200)
    expect(codeOf(await post(cookieOf('alice')))).toBe(200)
    expect(codeOf(await post(cookieOf('mallory')))).toBe('csrf_token_invalid')
  })
})

describe('csrfGuard that only watches', () => {
  it('lets a refused request pass, and tells of it', async () => {
    const events: AuthEvent[] = []
    const app = express()
    app.use(csrfGuard({ reportOnly: true, onEvent: (event) => events.push(event) }))
    app.post('/', (_req, res) => void res.sendStatus(200))
    const response = await request(app).post('/').set(CROSS_SITE)
    expect(response.status).toBe(200)
    expect(events).toEqual([
      {
        name: 'csrf.reported',
        guard: 'csrfGuard',
        code: 'csrf_cross_site',
        detail: expect.stringContaining('https://evil.example'),
      },
    ])
  })
})

describe('csrfGuard with isolateReads', () => {
  const app = express()
  app.use(csrfGuard({ isolateReads: true }))
  app.get('/', (_req, res) => void res.sendStatus(200))

  it.each([
    ['an image of a foreign page', { ...CROSS_SITE, 'Sec-Fetch-Mode': 'no-cors' }, 403],
    [
      'a link of a foreign page',
      { ...CROSS_SITE, 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' },
      200,
    ],
    ['its own pages', SAME_ORIGIN, 200],
    ['a script', { Cookie: 'a=b' }, 200],
  ])('judges a read by %s', async (_name, headers, status) => {
    const response = await request(app).get('/').set(headers)
    expect(response.status).toBe(status)
    expect(response.headers['vary']).toContain('Sec-Fetch-Site')
  })
})

describe('csrfGuard modes at construction', () => {
  it.each<[CsrfGuardOptions, RegExp]>([
    [{ mode: 'cookie' as never }, /"mode" must be 'origin' or 'header' or 'token'/],
    [{ mode: 'token' }, /"token" must be given/],
    [{ token: { secrets: SECRETS } }, /"token" must be left out unless mode is 'token'/],
    [{ mode: 'token', token: { secrets: ['short'] } }, /"token\.secrets" must hold/],
    [
      { mode: 'token', token: { secret: SECRETS } as never },
      /unknown option "token.secret"\. Did you mean "token.secrets"/,
    ],
    [{ reportOnly: 'yes' as never }, /"reportOnly" must be true or false/],
  ])('refuses %j', (options, complaint) => {
    expect(() => csrfGuard(options)).toThrow(complaint)
  })
})
