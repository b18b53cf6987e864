import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import express from 'express'
import request, { type Response } from 'supertest'
import { logout, memoryRevocationStore, requireBearer } from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'
import { expectRefusal, frozenClock, startApi, type TestApi } from '../../tools/api.js'
import { bearerParameters } from '../../tools/challenge.js'
import { serve } from '../../tools/server.js'

const clock = frozenClock()
const issuer = createTestIssuer({ clock })
let api: TestApi
let problems: TestApi
let valid: string

beforeAll(async () => {
  api = await startApi(issuer, { clock })
  problems = await startApi(issuer, { clock, errorFormat: 'problem' })
  valid = issuer.token({ scope: 'read' })
})

afterAll(async () => {
  await Promise.all([api.close(), problems.close()])
})

async function accepting(accept: string, authorization = 'Bearer bad'): Promise<Response> {
  return request(api.url).get('/r').set('Accept', accept).set('Authorization', authorization)
}

const REFUSALS = [
  ['no_credential', 401, 'Unauthorized', () => undefined],
  ['invalid_request', 400, 'Bad Request', () => 'Bearer "'],
  ['invalid_token', 401, 'Unauthorized', () => 'Bearer bad'],
  ['insufficient_scope', 403, 'Forbidden', () => `Bearer ${issuer.token({ scope: 'x' })}`],
] as const

describe('RFC 9457: problem details', () => {
  it.each(REFUSALS)(
    'describes %s as a problem (9457-01, 9457-02, 9457-03, 9457-04)',
    async (code, status, title, authorization) => {
      const response = await problems.authorized(authorization())
      expect(response.status).toBe(status)
      expect(response.headers['content-type']).toBe('application/problem+json')
      const body = response.body as Record<string, unknown>
      expect(body).toMatchObject({ type: 'about:blank', title, status })
      const challenge = bearerParameters(response.headers['www-authenticate']!)
      expect([body['error'], body['error_description']]).toEqual([
        challenge['error'],
        challenge['error_description'],
      ])
      expect(body['error']).toBe(code === 'no_credential' ? undefined : code)
      expect(body['detail']).toBe(challenge['error_description'])
    },
  )

  it.each([
    'application/problem+json',
    'Application/Problem+JSON',
    'text/html, application/problem+json;q=0.5',
    'application/json,application/problem+json; charset=utf-8 ; q=1',
  ])('answers with a problem to Accept: %s (9457-01)', async (accept) => {
    expect((await accepting(accept)).headers['content-type']).toBe('application/problem+json')
  })

  it.each([
    'application/json',
    '*/*',
    'application/*',
    'application/problem+json;q=0',
    'application/problem+json ; Q=0.000',
    'application/problem+jsonx',
    'xapplication/problem+json',
    'text/html;x="application/problem+json"',
    ',,;;q=,',
    `${','.repeat(40)}application/problem+json`,
    '',
  ])('answers as OAuth does to Accept: %s (9457-01, 9457-06)', async (accept) => {
    const response = await accepting(accept)
    expect(response.headers['content-type']).toBe('application/json')
    expectRefusal(response, 'invalid_token')
  })

  it('gives no reason and no detail away (9457-05)', async () => {
    const bodies = await Promise.all(
      [issuer.expired(), issuer.wrongAudience(), 'a.b.c', 'x'].map(
        async (token) => (await problems.get(token)).text,
      ),
    )
    expect(new Set(bodies).size).toBe(1)
  })

  it('gives no reason where no token came (9457-06)', async () => {
    expect((await problems.authorized()).body).toEqual({
      type: 'about:blank',
      title: 'Unauthorized',
      status: 401,
    })
    expect((await api.authorized()).body).toEqual({})
  })
})

describe('RFC 9111: caching', () => {
  it('lets no cache keep an answer to a token, unless the handler chose (9111-01)', async () => {
    const response = await api.get(valid)
    expect(response.status).toBe(200)
    expect(response.headers['cache-control']).toBe('no-store')
  })

  it.each(REFUSALS)(
    'keeps %s out of every cache (9111-03)',
    async (_code, status, _title, authorization) => {
      for (const behind of [api, problems]) {
        const { status: answered, headers } = await behind.authorized(authorization())
        expect([answered, headers['cache-control'], headers['etag']]).toEqual([
          status,
          'no-store',
          undefined,
        ])
      }
    },
  )

  it('keeps 503 out of every cache (9111-03)', async () => {
    const store = { ...memoryRevocationStore({ clock }), check: down }
    const behind = await startApi(issuer, { clock, store })
    const response = await behind.get(valid)
    expect([response.status, response.headers['cache-control']]).toEqual([503, 'no-store'])
    await behind.close()
  })

  it('overrules what was said about caching before a refusal (9111-03)', async () => {
    const app = express()
    app.use((_req, res, next) => {
      res.setHeader('Cache-Control', 'public, max-age=600')
      res.setHeader('ETag', '"x"')
      next()
    })
    app.use(requireBearer(issuer.options))
    const server = await serve(app)
    const { headers } = await request(server.url).get('/')
    expect([headers['cache-control'], headers['etag']]).toEqual(['no-store', undefined])
    await server.close()
  })

  it('keeps the answer to a logout out of every cache (9111-06)', async () => {
    const app = express()
    const bearer = requireBearer(issuer.options)
    app.post('/logout', bearer, logout(memoryRevocationStore({ clock })))
    const server = await serve(app)
    const response = await issuer.authed(request(server.url).post('/logout'))
    expect([response.status, response.headers['cache-control']]).toEqual([204, 'no-store'])
    bearer.close()
    await server.close()
  })
})

function down(): never {
  throw new Error('down')
}
