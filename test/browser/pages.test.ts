import { describe, expect, it } from '@jest/globals'
import express, { type NextFunction, type Request, type Response } from 'express'
import request from 'supertest'
import { endSession, loginRedirect, tokenCookie } from '../../lib/browser.js'
import { logout, memoryRevocationStore, requireBearer } from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'

describe('loginRedirect', () => {
  const app = express()
  app.get('/callback', (req, res) => loginRedirect(res, req.query['to'] as string))
  app.use((error: Error, _req: Request, res: Response, _next: NextFunction) => {
    res.status(500).send(error.message)
  })

  it('answers with a page that leads on, which no cache keeps', async () => {
    const response = await request(app).get('/callback').query({ to: '/notes?a=1&b="2' })
    expect(response.status).toBe(200)
    expect(response.headers['cache-control']).toBe('no-store')
    expect(response.text).toContain('content="0;url=/notes?a=1&#38;b=&#34;2"')
  })

  it.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '\\/evil.example',
    '/\t/evil.example',
    '/ /evil.example',
    'javascript:alert(1)',
    '',
    'notes',
    '/\r\nSet-Cookie: a=b',
  ])('leads nobody to %p', async (to) => {
    const response = await request(app).get('/callback').query({ to })
    expect([response.status, response.text]).toEqual([
      500,
      'loginRedirect: "path" must be a path on this host, like "/notes"',
    ])
  })
})

describe('endSession', () => {
  const url = 'https://id.example/logout?client_id=a&b=c'
  const issuer = createTestIssuer()
  const app = express().post(
    '/logout',
    requireBearer(issuer.options),
    logout(memoryRevocationStore(), { cookies: [tokenCookie()], respond: endSession(url) }),
  )

  const logoutAs = async (accept: string): Promise<request.Response> =>
    issuer.authed(request(app).post('/logout').set('Accept', accept))

  it('tells a script where to go', async () => {
    const response = await logoutAs('application/json')
    expect(response.body).toEqual({ redirect: url })
    expect(response.headers['cache-control']).toBe('no-store')
    expect(response.get('Set-Cookie')?.[0]).toContain('Max-Age=0')
  })

  it('leads a form on by a page, which form-action does not hinder', async () => {
    const response = await logoutAs('text/html,application/xhtml+xml')
    expect(response.status).toBe(200)
    expect(response.text).toContain('content="0;url=https://id.example/logout?client_id=a&#38;b=c"')
  })

  it.each(['http://id.example/logout', 'javascript:alert(1)', '/logout', ''])(
    'refuses %p at construction',
    (bad) => {
      expect(() => endSession(bad)).toThrow(/"url" must be the https URL/)
    },
  )

  it.each(['localhost:8080', '127.0.0.1:8080', '127.0.0.2', '[::1]:8080', 'id.localhost'])(
    'takes plain http to this machine: %s',
    (host) => {
      expect(() => endSession(`http://${host}/logout`)).not.toThrow()
    },
  )
})
