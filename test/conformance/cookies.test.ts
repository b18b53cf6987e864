import { beforeAll, describe, expect, it } from '@jest/globals'
import express from 'express'
import request from 'supertest'
import { strictCors, tokenCookie } from '../../lib/browser.js'
import { requireBearer } from '../../lib/index.js'
import { expectRefusal, frozenClock, type TestApi } from '../../tools/api.js'
import { type TestIssuer } from '../../tools/issuer.js'
import { serve } from '../../tools/server.js'
import { beforeSuite } from '../support/suite.js'

const clock = frozenClock()
let issuer: TestIssuer
let api: TestApi
let valid: string

beforeSuite({ clock, cookie: 'token' }, (suite) => {
  ;({ issuer, api } = suite)
})

beforeAll(async () => {
  valid = await issuer.token({ scope: 'read write' })
})

describe('Tokens in cookies', () => {
  it('never travel in the clear: the cookie is Secure, out of reach of scripts and of this host (6750-23)', async () => {
    const app = express()
    const cookie = tokenCookie({ clock })
    app.get('/', (_req, res) => {
      cookie.set(res, valid, { expiresAt: clock() + 300 })
      res.end()
    })
    const server = await serve(app)
    const response = await request(server.url).get('/')
    const [written = ''] = response.get('Set-Cookie') ?? []
    expect(written).toMatch(/^__Host-.*; HttpOnly; Secure; SameSite=/)
    await server.close()
  })

  it.each([
    ['cross-site', { 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['from a sibling site', { 'Sec-Fetch-Site': 'same-site' }, 403],
    ['with a foreign origin', { Origin: 'https://evil.test' }, 403],
    ['with an opaque origin', { Origin: 'null' }, 403],
    ['without any origin', {}, 403],
    ['from our own pages', { 'Sec-Fetch-Site': 'same-origin' }, 201],
  ])(
    'change nothing for a request %s, with no other guard mounted (6750-24)',
    async (_name, headers, status) => {
      const response = await request(api.url)
        .post('/w')
        .set({ ...headers, Cookie: `token=${valid}` })
      expect(response.status).toBe(status)
    },
  )

  it.each([
    ['no cookie', ''],
    ['an empty cookie', 'token='],
    ['a bad cookie', 'token=abc'],
  ])('get a challenge like headers do: %s (9110-05)', async (_name, cookie) => {
    const response = await request(api.url).get('/r').set('Cookie', cookie)
    expectRefusal(response, cookie.endsWith('abc') ? 'invalid_token' : 'no_credential')
  })

  it('leave no answer in a cache, because no rule for Authorization covers them (9111-02)', async () => {
    const response = await request(api.url)
      .get('/r')
      .set({ Cookie: `token=${valid}`, 'Sec-Fetch-Site': 'same-origin' })
    expect([response.status, response.headers['cache-control']]).toEqual([200, 'no-store'])
  })

  it('count for nothing beside a header, good or bad (6750-05)', async () => {
    const cookie = { Cookie: `token=${valid}`, 'Sec-Fetch-Site': 'same-origin' }
    const bad = await request(api.url).get('/r').set(cookie).set('Authorization', 'Bearer abc')
    expectRefusal(bad, 'invalid_token')
    const good = await request(api.url)
      .get('/r')
      .set({ Cookie: 'token=abc' })
      .set('Authorization', `Bearer ${valid}`)
    expect(good.body).toMatchObject({ transport: 'header' })
  })

  it.each(['Basic dTpw', 'Bearer', 'Bearer "', 'Bearer ='])(
    'never stand in for the header %s (6750-05)',
    async (authorization) => {
      const response = await request(api.url)
        .get('/r')
        .set({ Cookie: `token=${valid}`, 'Sec-Fetch-Site': 'same-origin' })
        .set('Authorization', authorization)
      expect([400, 401]).toContain(response.status)
    },
  )
})

describe('Answers that set or clear a cookie', () => {
  it('are not cached (9111-04)', async () => {
    const app = express()
    const cookie = tokenCookie({ clock })
    const bearer = requireBearer({ issuer: issuer.url, audience: issuer.audience, clock, cookie })
    app.post('/clear', bearer, (_req, res) => {
      cookie.clear(res)
      res.end()
    })
    const server = await serve(app)
    const response = await request(server.url)
      .post('/clear')
      .set({ Cookie: `__Host-Http-access_token=${valid}`, 'Sec-Fetch-Site': 'same-origin' })
    expect(response.status).toBe(200)
    expect(response.headers['set-cookie']).toHaveLength(1)
    expect(response.headers['cache-control']).toBe('no-store')
    bearer.close()
    await server.close()
  })
})

describe('Scripts of other origins', () => {
  it('can read the challenge where the origin is listed (9110-20)', async () => {
    const app = express()
    app.use(strictCors({ trustedOrigins: ['https://app.test'] }))
    app.use(requireBearer({ issuer: issuer.url, audience: issuer.audience, clock }))
    const server = await serve(app)
    const response = await request(server.url).get('/').set('Origin', 'https://app.test')
    expectRefusal(response, 'no_credential')
    const exposed = response.headers['access-control-expose-headers']
    expect(exposed).toMatch(/WWW-Authenticate/)
    expect(exposed).toMatch(/Retry-After/)
    await server.close()
  })
})
