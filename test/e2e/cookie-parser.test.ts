import { describe, expect, it } from '@jest/globals'
import type { IncomingMessage } from 'node:http'
import cookieParser from 'cookie-parser'
import express, { type Express, type Request } from 'express'
import request from 'supertest'
import { authOf, csrfGuard, requireBearer } from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'
import { EXPRESS_VERSIONS } from '../support/express-versions.js'

const NAME = 'at'
const SECRETS = ['a secret of at least 32 bytes, no. 1']
const COOKIE_SECRET = 'what cookie-parser signs with'
const SAME_ORIGIN = { 'Sec-Fetch-Site': 'same-origin' }

const issuer = createTestIssuer()
const token = issuer.token()

/** cookie-parser says `false` of a cookie whose signature is wrong. */
function signedSession(req: IncomingMessage): string {
  const { session }: Record<string, unknown> = (req as Request).signedCookies
  return typeof session === 'string' ? session : ''
}

describe.each(EXPRESS_VERSIONS)('cookie-parser in front, on %s', (_version, createApp) => {
  function api(): Express {
    const app = createApp()
    app.use(cookieParser(COOKIE_SECRET))
    app.use(requireBearer({ ...issuer.options, cookie: NAME }))
    app.get('/', (req, res) => void res.json({ transport: authOf(req).transport }))
    return app
  }

  it.each([
    ['the token', () => `${NAME}=${token}`, 200],
    ['the token among others', () => `a=b; ${NAME}=${token}; c=d`, 200],
    ['two of the name, the good one first', () => `${NAME}=${token}; ${NAME}=x`, 400],
    ['two of the name, the good one last', () => `${NAME}=x; ${NAME}=${token}`, 400],
    ['JSON, which it would parse', () => `${NAME}=j:{"a":1}`, 400],
    ['a percent-encoded token, which it would decode', () => `${NAME}=${token}%2E`, 400],
    ['a name behind a no-break space', () => `\u00A0${NAME}=${token}`, 401],
  ])('changes nothing for %s', async (_name, cookie, status) => {
    const header = Buffer.from(cookie(), 'latin1').toString('latin1')
    expect((await request(api()).get('/').set('Cookie', header)).status).toBe(status)
  })

  it('serves its signed cookies to the CSRF token as a session, and forged ones bind nothing', async () => {
    const app = createApp()
    app.use(cookieParser(COOKIE_SECRET), express.urlencoded({ extended: false }))
    app.post('/login', (_req, res) => void res.cookie('session', 'alice', { signed: true }).end())
    app.use(csrfGuard({ mode: 'token', token: { secrets: SECRETS, bindTo: signedSession } }))
    app.get('/form', (_req, res) => void res.send((res.locals['csrfToken'] as () => string)()))
    app.post('/form', (_req, res) => void res.sendStatus(200))
    const signed = (await request(app).post('/login')).get('Set-Cookie')?.[0]?.split(';')[0] ?? ''

    const { text: csrf } = await request(app).get('/form').set('Cookie', signed)
    const post = async (cookie: string): Promise<number> =>
      (
        await request(app)
          .post('/form')
          .set(SAME_ORIGIN)
          .set('Cookie', cookie)
          .type('form')
          .send({ _csrf: csrf })
      ).status
    expect(await post(signed)).toBe(200)
    expect(await post(signed.replace('alice', 'mallory'))).toBe(403)
    expect(await post('session=alice')).toBe(403)
  })
})
