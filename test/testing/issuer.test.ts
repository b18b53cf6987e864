import { describe, expect, it } from '@jest/globals'
import express from 'express'
import request from 'supertest'
import {
  authOf,
  requireBearer,
  requirePermission,
  requireRole,
  requireScope,
  type AuthErrorReason,
  type AuthEvent,
} from '../../lib/index.js'
import { createTestIssuer, testClock, type Likeness, type TestIssuer } from '../../lib/testing.js'

function api(issuer: TestIssuer): {
  app: express.Express
  reason: () => AuthErrorReason | undefined
} {
  const events: AuthEvent[] = []
  const app = express()
  app.use(requireBearer({ ...issuer.options, onEvent: (event) => events.push(event) }))
  app.get('/notes', requireScope('notes:read'), (req, res) => {
    const { subject, sessionId, clientId, tokenId } = authOf(req)
    res.json({ subject, sessionId, clientId, tokenId })
  })
  app.get('/admin', requireRole('admin'), (_req, res) => void res.json({}))
  app.get('/billing', requirePermission('bills'), (_req, res) => void res.json({}))
  const reason = (): AuthErrorReason | undefined =>
    events.findLast((event) => event.name === 'request.refused')?.reason
  return { app, reason }
}

const scope = 'notes:read'

describe('createTestIssuer without a socket', () => {
  const issuer = createTestIssuer()
  const { app, reason } = api(issuer)

  it('makes tokens that the guards accept, with the claims a test asks for', async () => {
    const answer = await issuer.authed(request(app).get('/notes'), { scope, sub: 'alice' })
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({
      subject: 'alice',
      sessionId: 'session-1',
      clientId: 'client-1',
    })
  })

  it('authorizes all requests of an agent', async () => {
    const agent = issuer.authed(request.agent(app), { scope })
    expect((await agent.get('/notes')).status).toBe(200)
    expect((await agent.get('/admin')).status).toBe(403)
  })

  it.each([
    ['expired', 'expired'],
    ['notYetValid', 'not_yet_valid'],
    ['wrongAudience', 'wrong_audience'],
    ['wrongIssuer', 'unknown_issuer'],
    ['unsigned', 'malformed_token'],
    ['algConfusion', 'algorithm_not_allowed'],
    ['wrongKey', 'bad_signature'],
    ['idToken', 'not_an_access_token'],
    ['logoutToken', 'wrong_type'],
  ] as const)('%s() is refused, by the guards themselves: %s', async (kind, why) => {
    const answer = await request(app)
      .get('/notes')
      .auth(issuer[kind]({ scope }), { type: 'bearer' })
    expect([answer.status, reason()]).toEqual([401, why])
  })

  // Lint of a user's suite says no to methods that are handed on, and so does ours.
  it('gives functions that tables of tests can hold, as none needs its object', async () => {
    for (const make of [issuer.expired, issuer.wrongKey]) {
      const answer = await request(app).get('/notes').auth(make({ scope }), { type: 'bearer' })
      expect(answer.status).toBe(401)
    }
  })

  it('leaves out a claim that is undefined', async () => {
    const answer = await issuer.authed(request(app).get('/notes'), { scope, sub: undefined })
    expect(answer.status).toBe(200)
    expect(answer.body).not.toHaveProperty('subject')
  })

  it.each([
    ['rotate', () => issuer.rotate()],
    ['outage', () => issuer.outage('500')],
    ['recover', () => issuer.recover()],
  ])('says that %s() needs a socket', (_method, act) => {
    expect(act).toThrow(/await issuer\.listen\(\) first/)
  })
})

describe('createTestIssuer', () => {
  it('is not taken for its options, which the complaint names', () => {
    expect(() => requireBearer(createTestIssuer())).toThrow('Hand over issuer.options')
  })

  it.each(['ES256', 'RS256', 'EdDSA'] as const)('signs with %s', async (alg) => {
    const issuer = createTestIssuer({ alg })
    const answer = await issuer.authed(request(api(issuer).app).get('/notes'), { scope })
    expect(answer.status).toBe(200)
    const { app, reason } = api(issuer)
    await request(app).get('/notes').auth(issuer.wrongKey(), { type: 'bearer' })
    expect(reason()).toBe('bad_signature')
  })

  it.each<Likeness>(['rfc9068', 'keycloak', 'auth0', 'entra', 'okta', 'cognito', 'zitadel'])(
    'makes tokens like those of %s, and its preset reads scope, client and id',
    async (like) => {
      const issuer = createTestIssuer({ like })
      const answer = await issuer.authed(request(api(issuer).app).get('/notes'), {
        scope,
        jti: 'token-1',
      })
      expect(answer.status).toBe(200)
      expect(answer.body).toMatchObject({ subject: 'user-1', tokenId: 'token-1' })
      expect((answer.body as { clientId?: string }).clientId).toBeDefined()
    },
  )

  it.each<Likeness>(['rfc9068', 'keycloak', 'okta', 'cognito', 'zitadel', 'entra'])(
    'puts roles where %s has them',
    async (like) => {
      const issuer = createTestIssuer({ like })
      const { app } = api(issuer)
      const admin = await issuer.authed(request(app).get('/admin'), { roles: ['admin'] })
      expect(admin.status).toBe(200)
      const user = await issuer.authed(request(app).get('/admin'), { roles: ['user'] })
      expect(user.status).toBe(403)
    },
  )

  it('puts permissions where auth0 has them', async () => {
    const issuer = createTestIssuer({ like: 'auth0' })
    const bills = issuer.authed(request(api(issuer).app).get('/billing'), {
      permissions: ['bills'],
    })
    expect((await bills).status).toBe(200)
  })

  it('is an issuer of resolve(), without the clock, which its guard has', async () => {
    const clock = testClock(1_800_000_000)
    const issuer = createTestIssuer({ clock })
    const { clock: _, ...tenant } = issuer.options
    const issuers = { allow: () => true, resolve: async () => tenant }
    const app = express().use(requireBearer({ issuers, clock }), (_req, res) => void res.end())
    const good = await issuer.authed(request(app).get('/'))
    const expired = await request(app).get('/').auth(issuer.expired(), { type: 'bearer' })
    expect([good.status, expired.status]).toEqual([200, 401])
  })

  it('stamps tokens by the clock that its guards judge them by', async () => {
    const clock = testClock(1_800_000_000)
    const issuer = createTestIssuer({ clock })
    const { app, reason } = api(issuer)
    const token = issuer.token({ scope })
    const ask = async (): Promise<number> =>
      (await request(app).get('/notes').auth(token, { type: 'bearer' })).status
    expect(await ask()).toBe(200)
    clock.advance(299)
    expect(await ask()).toBe(200)
    clock.advance(60)
    expect([await ask(), reason()]).toEqual([401, 'expired'])
    expect((await issuer.authed(request(app).get('/notes'), { scope })).status).toBe(200)
  })

  it.each([
    [{ like: 'keyclaok' }, /"like" must be one of rfc9068, keycloak/],
    [{ like: 'okta', issuer: 'https://a.test' }, /"issuer" must be left out with "like"/],
    [{ alg: 'HS256' }, /"alg"/],
    [{ audiences: 'a' }, /audiences/],
    [{ clock: 5 }, /"clock"/],
  ])('refuses %j', (options, message) => {
    expect(() => createTestIssuer(options as never)).toThrow(message)
  })
})
