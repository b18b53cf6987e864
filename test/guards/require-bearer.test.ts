import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import express from 'express'
import request from 'supertest'
import {
  AuthError,
  authOf,
  requireBearer,
  type AuthEvent,
  type IssuerFields,
  type Clock,
} from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'
import { rawRequest, serve, type RunningServer } from '../../tools/server.js'

const issuer = createTestIssuer()
let api: RunningServer
const events: AuthEvent[] = []

beforeAll(async () => {
  const app = express()
  app.use(requireBearer({ ...issuer.options, onEvent: (event) => events.push(event) }))
  app.get('/', (req, res) => void res.json({ subject: authOf(req).subject }))
  api = await serve(app)
})

afterAll(async () => {
  await api.close()
})

describe('requireBearer', () => {
  it('lets a valid token pass and tells the handler whose it is (6750-01)', async () => {
    const response = await issuer.authed(request(api.url).get('/'))
    expect(response.status).toBe(200)
    expect(response.body).toEqual({ subject: 'user-1' })
  })

  it('asks for a token without an error code where none came (6750-09, 6750-10, 6750-21)', async () => {
    const response = await request(api.url).get('/')
    expect(response.status).toBe(401)
    expect(response.headers['www-authenticate']).toBe('Bearer realm="api"')
    expect(response.headers['cache-control']).toBe('no-store')
    expect(response.body).toEqual({})
  })

  it('refuses two Authorization lines, of which Node shows only one (9110-11)', async () => {
    const line = `Authorization: Bearer ${issuer.token()}`
    const answer = await rawRequest(api.port, [line, line])
    expect(answer.status).toBe(400)
    expect(answer.headers.get('www-authenticate')?.[0]).toContain('error="invalid_request"')
  })
})

const cannotKnow = (): AuthError =>
  new AuthError('temporarily_unavailable', { reason: 'validate_unavailable' })

/** Status for a good token under these options. */
async function statusWith(
  options: Pick<IssuerFields, 'validate'> & { readonly clock?: Clock },
): Promise<number> {
  const app = express()
  app.use(requireBearer({ ...issuer.options, ...options }))
  app.get('/', (_req, res) => void res.json({}))
  const token = issuer.token()
  return (await request(app).get('/').set('Authorization', `Bearer ${token}`)).status
}

describe('requireBearer with functions of the app', () => {
  it.each<[string, number, () => unknown]>([
    ['returns nothing', 200, () => undefined],
    ['returns true', 200, () => true],
    ['returns false, as predicates do to refuse', 401, () => false],
    ['resolves with false', 401, () => Promise.resolve(false)],
    ['returns an error', 401, () => new Error('no')],
    ['resolves with an error', 401, () => Promise.resolve(new Error('no'))],
    ['returns that it cannot know', 503, cannotKnow],
    ['throws', 401, () => Promise.reject(new Error('no'))],
  ])('and a rule that %s answers %d', async (_name, status, rule) => {
    const validate = rule as NonNullable<IssuerFields['validate']>
    expect(await statusWith({ validate })).toBe(status)
  })

  it('takes every token for expired where the clock is broken', async () => {
    expect(await statusWith({ clock: () => Number.NaN })).toBe(401)
  })
})
