import { afterEach, describe, expect, it } from '@jest/globals'
import express from 'express'
import request, { type Response } from 'supertest'
import {
  jtiBlocklist,
  logout,
  memoryRevocationStore,
  requireBearer,
  RevocationUnavailable,
  type AuthEvent,
  type LogoutOptions,
  type LogoutScope,
  type RevocationStore,
} from '../../lib/index.js'
import { tokenCookie } from '../../lib/browser.js'
import { createTestIssuer, type TestClaims } from '../../lib/testing.js'
import { expectRefusal, expectUnavailable, frozenClock } from '../../tools/api.js'
import { serve, type RunningServer } from '../../tools/server.js'

const clock = frozenClock()
const issuer = createTestIssuer({ clock })
const servers: RunningServer[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})
interface Api {
  readonly store: RevocationStore
  readonly events: AuthEvent[]
  logout(held: string): Promise<Response>
  status(held: string): Promise<number>
}

interface ApiOptions extends LogoutOptions {
  readonly store?: RevocationStore
  readonly guardTolerance?: number
}

/** As the README mounts it: without the denylist in front of `logout`. */
async function start({
  store = memoryRevocationStore({ clock, clockToleranceSeconds: 0 }),
  guardTolerance = 0,
  ...options
}: ApiOptions = {}): Promise<Api> {
  const events: AuthEvent[] = []
  const bearer = requireBearer({
    ...issuer.options,
    clockToleranceSeconds: guardTolerance,
    onEvent: (event) => events.push(event),
  })
  const app = express()
  app.post('/logout', bearer, logout(store, options))
  app.get('/', bearer, jtiBlocklist(store), (_req, res) => void res.end())
  const server = await serve(app)
  servers.push(server)
  return {
    store,
    events,
    logout: (held) => request(server.url).post('/logout').set('Authorization', `Bearer ${held}`),
    status: async (held) =>
      (await request(server.url).get('/').set('Authorization', `Bearer ${held}`)).status,
  }
}

function token(claims: TestClaims = {}): string {
  return issuer.token({ sub: 'ann', sid: 'laptop', iat: clock.now - 60, ...claims })
}

async function revokeStolen(store: RevocationStore): Promise<void> {
  await store.revokeToken({ issuer: issuer.issuer, tokenId: 'stolen', expiresAt: clock.now + 900 })
}

describe('logout by a revoked token', () => {
  it.each<LogoutScope>(['others', 'everywhere'])(
    'ends nothing and is refused for the scope %s, without touching cookies',
    async (scope) => {
      const api = await start({ scope, cookies: [tokenCookie()] })
      await revokeStolen(api.store)
      const fresh = token({ sid: 'phone' })
      const response = await api.logout(token({ jti: 'stolen' }))
      expectRefusal(response, 'invalid_token')
      expect(response.headers['set-cookie']).toBeUndefined()
      expect(api.events.at(-1)).toMatchObject({ guard: 'logout', reason: 'revoked' })
      expect(await api.status(fresh)).toBe(200)
    },
  )

  it.each<LogoutScope>(['token', 'session'])('is answered with 204 for %s', async (scope) => {
    const api = await start({ scope })
    await revokeStolen(api.store)
    const fresh = token({ sid: 'phone' })
    expect((await api.logout(token({ jti: 'stolen' }))).status).toBe(204)
    expect(await api.status(fresh)).toBe(200)
  })

  it('still ends its session, so that a second try after an outage is none in vain', async () => {
    const api = await start()
    await revokeStolen(api.store)
    expect((await api.logout(token({ jti: 'stolen' }))).status).toBe(204)
    expect(await api.status(token())).toBe(401)
  })

  it('counts nothing, however often it is sent', async () => {
    const api = await start()
    const ended = token()
    await api.logout(ended)
    const { sequence } = await api.store.revokeToken({
      issuer: issuer.issuer,
      tokenId: 'other',
      expiresAt: clock.now + 900,
    })
    for (let i = 0; i < 20; i += 1) expect((await api.logout(ended)).status).toBe(204)
    const next = await api.store.revokeClient({ issuer: issuer.issuer, clientId: 'other' })
    expect(next.sequence).toBe(sequence + 1)
  })

  it.each<[string, TestClaims]>([
    ['with iat', {}],
    ['without', { iat: undefined }],
  ])('cannot end later logins of a user whose share is used up, %s', async (_name, claims) => {
    const store = memoryRevocationStore({ clock, clockToleranceSeconds: 0, maxEntries: 100 })
    const api = await start({ store })
    await store.revokeSession({ issuer: issuer.issuer, sessionId: 'old', subject: 'ann' })
    const ended = token(claims)
    expect((await api.logout(ended)).status).toBe(204)
    clock.now += 1
    const fresh = token({ sid: 'phone', iat: clock.now })
    expect((await api.logout(ended)).status).toBe(204)
    expect(await api.status(ended)).toBe(401)
    expect(await api.status(fresh)).toBe(200)
  })
})

describe('logout', () => {
  it('leaves room for others, whoever logs in and out without end', async () => {
    const store = memoryRevocationStore({ clock, clockToleranceSeconds: 0, maxEntries: 300 })
    const api = await start({ store })
    for (let i = 0; i < 300; i += 1) {
      expect((await api.logout(token({ sub: 'mallory', sid: `m${i}` }))).status).toBe(204)
    }
    const victim = token()
    expect((await api.logout(victim)).status).toBe(204)
    expect(await api.status(victim)).toBe(401)
    clock.now += 1
    expect(await api.status(token({ sub: 'mallory', sid: 'm', iat: clock.now }))).toBe(200)
  })

  it('ends a token that is stamped ahead, as far as the guard in front tolerates', async () => {
    const api = await start({ scope: 'everywhere', guardTolerance: 60 })
    const ahead = token({ iat: clock.now + 20, exp: clock.now + 900 })
    const another = token({ sid: 'phone', iat: clock.now + 60, exp: clock.now + 900 })
    expect((await api.logout(ahead)).status).toBe(204)
    expect(await api.status(ahead)).toBe(401)
    expect(await api.status(another)).toBe(401)
  })

  it.each<[string, () => unknown]>([
    ['rejects', () => Promise.reject(new RevocationUnavailable('down'))],
    ['answers nothing', () => undefined],
    [
      'throws',
      () => {
        throw new Error('down')
      },
    ],
  ])('answers 503 where the store %s when asked about the token', async (_name, check) => {
    const store = { ...memoryRevocationStore({ clock }), check } as RevocationStore
    for (const scope of ['token', 'session', 'others', 'everywhere'] as const) {
      const api = await start({ store, scope })
      expectUnavailable(await api.logout(token()))
      expect(api.events.at(-1)).toMatchObject({ reason: 'revocation_unavailable' })
    }
  })
})
