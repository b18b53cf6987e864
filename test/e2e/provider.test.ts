import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import express from 'express'
import request from 'supertest'
import { tokenForJob, tokenForUser } from '../../examples/demo/login.js'
import { AUDIENCE, OTHER_AUDIENCE, startProvider } from '../../examples/demo/provider.js'
import type { DemoProvider } from '../../examples/demo/provider.js'
import {
  authOf,
  jtiBlocklist,
  logout,
  memoryRevocationStore,
  requireBearer,
  requireScope,
  type AuthEvent,
} from '../../lib/index.js'
import { freePort } from '../../lib/testing/free-port.js'
import { serve, type RunningServer } from '../../tools/server.js'

let provider: DemoProvider
let api: RunningServer
const events: AuthEvent[] = []

beforeAll(async () => {
  provider = await startProvider({ port: await freePort() })
  api = await startApi()
})

afterAll(async () => {
  await api.close()
  await provider.close()
})

async function startApi(): Promise<RunningServer> {
  const revocations = memoryRevocationStore()
  const bearer = requireBearer({
    issuer: provider.issuer,
    audience: AUDIENCE,
    profile: 'rfc9068',
    onEvent: (event) => events.push(event),
  })
  const app = express()
  app.post('/logout', bearer, logout(revocations))
  app.use(bearer, jtiBlocklist(revocations))
  app.get('/', (req, res) => {
    const { subject, clientId, scopes, sessionId } = authOf(req)
    res.json({ subject, clientId, scopes: [...scopes], session: sessionId !== undefined })
  })
  app.get('/write', requireScope('notes:write'), (_req, res) => void res.end())
  return serve(app)
}

function get(path: string, token: string, origin = api.url): request.Test {
  return request(origin).get(path).set('Authorization', `Bearer ${token}`)
}

function lastReason(): string | undefined {
  const refusals = events.filter((event) => event.name === 'request.refused')
  return refusals.at(-1)?.reason
}

describe('with a real OpenID provider', () => {
  it("accepts a job's token by client credentials, under the RFC 9068 profile (9068-03, 9068-04)", async () => {
    const token = await tokenForJob(provider, { scope: 'notes:read' })
    const response = await get('/', token)
    expect(response.status).toBe(200)
    expect(response.body).toEqual({
      subject: 'nightly-job',
      clientId: 'nightly-job',
      scopes: ['notes:read'],
      session: false,
    })
  })

  it("accepts a user's token by authorization code and PKCE, with its login session", async () => {
    const token = await tokenForUser(provider, 'alice', 'notes:read notes:write')
    const response = await get('/', token)
    expect(response.status).toBe(200)
    expect(response.body).toEqual({
      subject: 'alice',
      clientId: 'notes-app',
      scopes: ['notes:read', 'notes:write'],
      session: true,
    })
  })

  it('names the missing scope in the challenge (6750-20)', async () => {
    const token = await tokenForJob(provider, { scope: 'notes:read' })
    const response = await get('/write', token)
    expect(response.status).toBe(403)
    expect(response.headers['www-authenticate']).toMatch(
      /error="insufficient_scope".*scope="notes:write"/,
    )
  })

  it('refuses a token that the same issuer made for another API (9068-07)', async () => {
    const token = await tokenForJob(provider, { scope: 'notes:read', audience: OTHER_AUDIENCE })
    expect((await get('/', token)).status).toBe(401)
    expect(lastReason()).toBe('wrong_audience')
  })

  it('ends one session at logout: its token is refused, that of another session is not', async () => {
    const [laptop, phone] = await Promise.all([
      tokenForUser(provider, 'alice', 'notes:read'),
      tokenForUser(provider, 'alice', 'notes:read'),
    ])
    expect((await get('/', laptop)).status).toBe(200)
    const loggedOut = await request(api.url)
      .post('/logout')
      .set('Authorization', `Bearer ${laptop}`)
    expect(loggedOut.status).toBe(204)
    expect((await get('/', laptop)).status).toBe(401)
    expect(lastReason()).toBe('revoked')
    expect((await get('/', phone)).status).toBe(200)
  })

  it('ends a token without a session by its jti', async () => {
    const [ended, other] = await Promise.all([
      tokenForJob(provider, { scope: 'notes:read' }),
      tokenForJob(provider, { scope: 'notes:read' }),
    ])
    await request(api.url).post('/logout').set('Authorization', `Bearer ${ended}`).expect(204)
    expect((await get('/', ended)).status).toBe(401)
    expect(lastReason()).toBe('revoked')
    expect((await get('/', other)).status).toBe(200)
  })

  it('accepts a new signing key at once, and a withdrawn one no more', async () => {
    const before = await tokenForJob(provider, { scope: 'notes:read' })
    expect((await get('/', before)).status).toBe(200)
    provider.rotateKey()
    const after = await tokenForJob(provider, { scope: 'notes:read' })
    expect((await get('/', after)).status).toBe(200)
    expect((await get('/', before)).status).toBe(401)
    expect(lastReason()).toBe('unknown_key')
  })

  it('serves on with known keys while the issuer is down; without, it is 503 and never 401', async () => {
    const token = await tokenForJob(provider, { scope: 'notes:read' })
    expect((await get('/', token)).status).toBe(200)
    await provider.close()
    const cold = await startApi()
    try {
      expect((await get('/', token)).status).toBe(200)
      const response = await get('/', token, cold.url)
      expect(response.status).toBe(503)
      expect(Number(response.headers['retry-after'])).toBeGreaterThan(0)
      expect(response.headers['www-authenticate']).toBeUndefined()
    } finally {
      await cold.close()
      await provider.open()
    }
  })
})
