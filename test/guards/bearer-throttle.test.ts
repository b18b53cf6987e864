import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Express } from 'express'
import request from 'supertest'
import { systemTimer } from '../../lib/core/clock.js'
import { AuthError, invalidToken } from '../../lib/core/errors.js'
import { optionCheck } from '../../lib/core/options.js'
import { compileThrottle } from '../../lib/http/failure-throttle.js'
import { requireBearer, type AuthEvent, type BearerOptions } from '../../lib/index.js'
import { EXPRESS_VERSIONS } from '../support/express-versions.js'
import { startIssuer, type TestIssuer } from '../support/issuer.js'

let issuer: TestIssuer

beforeAll(async () => {
  issuer = await startIssuer()
})

afterAll(async () => {
  await issuer.close()
})

async function get(app: Express, token: string, ip = '192.0.2.1'): Promise<request.Response> {
  return request(app).get('/').set('X-Forwarded-For', ip).set('Authorization', `Bearer ${token}`)
}

async function failThrice(app: Express): Promise<void> {
  for (const token of ['a.b.c', 'a.b.d', 'a.b.e']) {
    expect((await get(app, token)).status).toBe(401)
  }
}

describe.each(EXPRESS_VERSIONS)('requireBearer with a throttle on %s', (_version, createApp) => {
  function api(options: Partial<BearerOptions> = {}): Express {
    const app = createApp()
    app.set('trust proxy', 1)
    const { url, audience } = issuer
    app.use(requireBearer({ issuer: url, audience, throttle: { failures: 3 }, ...options }))
    app.get('/', (_req, res) => void res.sendStatus(204))
    return app
  }

  it('answers the fourth bad token of a network with 429 and no reason (RL-01, RL-07)', async () => {
    const events: AuthEvent[] = []
    const app = api({ onEvent: (event) => events.push(event) })
    await failThrice(app)
    const response = await get(app, 'a.b.f')
    expect(response.status).toBe(429)
    expect(response.body).toMatchObject({ error: 'too_many_requests' })
    expect(response.headers).not.toHaveProperty('www-authenticate')
    expect(response.headers['cache-control']).toBe('no-store')
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(50)
    expect(events.at(-1)).toMatchObject({ reason: 'rate_limited', status: 429 })
  })

  it('lets a good token of that network pass, and counts on after it (RL-07)', async () => {
    const app = api()
    await failThrice(app)
    expect((await get(app, await issuer.token())).status).toBe(204)
    expect((await get(app, 'a.b.f')).status).toBe(429)
  })

  it('counts each network for itself', async () => {
    const app = api()
    await failThrice(app)
    expect((await get(app, 'a.b.f', '192.0.2.2')).status).toBe(401)
  })

  it('counts neither expired tokens nor requests without one', async () => {
    const app = api()
    const now = Math.floor(Date.now() / 1000)
    const expired = await issuer.token({ iat: now - 600, exp: now - 300 })
    for (let count = 0; count < 4; count += 1) {
      expect((await get(app, expired)).status).toBe(401)
      expect((await request(app).get('/')).status).toBe(401)
    }
    expect((await get(app, 'a.b.c')).status).toBe(401)
  })
})

describe('compileThrottle', () => {
  const check = optionCheck('requireBearer')
  const request1 = { ip: '192.0.2.1' } as never

  it('forgets when the window ends, and counts no outage', () => {
    let now = 0
    const throttle = compileThrottle(
      check,
      { failures: 1, windowSeconds: 10 },
      { ...systemTimer, now: () => now },
    )!
    const bad = invalidToken('bad_signature')
    const outage = new AuthError('temporarily_unavailable', { reason: 'keys_unavailable' })
    expect(throttle(request1, bad)).toBe(bad)
    now = 4500
    expect(throttle(request1, bad)).toMatchObject({ status: 429, retryAfterSeconds: 6 })
    expect(throttle(request1, outage)).toBe(outage)
    now = 10_000
    expect(throttle(request1, bad)).toBe(bad)
  })

  it.each([
    [{ failures: 0 }, /"throttle.failures" must be/],
    [{ windowSeconds: 0 }, /"throttle.windowSeconds" must be/],
    [{ limit: 5 } as never, /unknown option "limit"/],
  ])('refuses %j at construction', (options, complaint) => {
    expect(() => compileThrottle(check, options, systemTimer)).toThrow(complaint)
  })
})
