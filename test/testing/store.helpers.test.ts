import { describe, expect, it } from '@jest/globals'
import express from 'express'
import request from 'supertest'
import {
  backChannelLogout,
  csrfGuard,
  jtiBlocklist,
  logout,
  memoryRevocationStore,
  requireBearer,
  RevocationUnavailable,
} from '../../lib/index.js'
import {
  browserLike,
  createTestIssuer,
  testClock,
  testRevocationStore,
  type TestIssuer,
  type TestRevocationStore,
} from '../../lib/testing.js'

function api(issuer: TestIssuer, store: TestRevocationStore): express.Express {
  const app = express()
  app.post('/backchannel', backChannelLogout(store, issuer.logoutOptions))
  app.use(requireBearer({ ...issuer.options, cookie: '__Host-at' }))
  app.post('/logout', logout(store))
  app.use(jtiBlocklist(store), (_req, res) => void res.json({}))
  return app
}

describe('logoutToken()', () => {
  it.each([
    ['the session of other tokens', {}, 401],
    ['another session', { sid: 'session-2' }, 200],
    ['all of a user', { sid: undefined }, 401],
    ['another user', { sid: undefined, sub: 'bob' }, 200],
  ])('ends %s', async (_what, claims, status) => {
    for (const listens of [false, true]) {
      const issuer = createTestIssuer()
      if (listens) await issuer.listen()
      const app = api(issuer, testRevocationStore())
      const token = issuer.token()
      const form = `logout_token=${issuer.logoutToken(claims)}`
      expect((await request(app).post('/backchannel').send(form)).status).toBe(200)
      expect((await request(app).get('/').auth(token, { type: 'bearer' })).status).toBe(status)
    }
  })
})

describe('a logout in a test', () => {
  it('leaves the tokens of later tests good', async () => {
    const issuer = createTestIssuer()
    const app = api(issuer, testRevocationStore())
    const token = issuer.token()
    const ask = async (bearer: string): Promise<number> =>
      (await request(app).get('/').auth(bearer, { type: 'bearer' })).status
    await request(app).post('/logout').auth(token, { type: 'bearer' }).expect(204)
    expect(await ask(token)).toBe(401)
    expect(await ask(issuer.token())).toBe(200)
    expect((await issuer.authed(request(app).get('/'))).status).toBe(200)
  })
})

describe('testRevocationStore', () => {
  it('revokes, can be told to be down, and remembers over the outage', async () => {
    const clock = testClock()
    const issuer = createTestIssuer({ clock })
    const store = testRevocationStore({ clock })
    const app = api(issuer, store)
    const [token, other] = [issuer.token(), issuer.token({ sid: 'session-2' })]
    const status = async (bearer: string, path = '/'): Promise<number> => {
      const asking = path === '/' ? request(app).get(path) : request(app).post(path)
      return (await asking.auth(bearer, { type: 'bearer' })).status
    }
    expect(await status(token)).toBe(200)
    expect(await status(token, '/logout')).toBe(204)
    store.outage()
    expect(store.status()).toMatchObject({ ready: false })
    expect([await status(token), await status(other)]).toEqual([503, 503])
    expect(await status(other, '/logout')).toBe(503)
    store.recover()
    expect(store.status()).toMatchObject({ ready: true })
    expect([await status(token), await status(other)]).toEqual([401, 200])
  })

  it('has every method of a store, and each fails while it is down', async () => {
    const store = testRevocationStore()
    const names = Object.keys(memoryRevocationStore())
    expect(Object.keys(store)).toEqual(expect.arrayContaining(names))
    store.outage()
    for (const name of names.filter((method) => !['status', 'close', 'watch'].includes(method))) {
      const method = store[name as 'ready']
      await expect(method()).rejects.toBeInstanceOf(RevocationUnavailable)
    }
    await expect(store.close()).resolves.toBeUndefined()
  })
})

describe('browserLike', () => {
  const app = express()
  app.use(csrfGuard(), (_req, res) => void res.json({}))
  const send = (): request.Test => request(app).post('/').set('Cookie', 'session=1')

  it('passes csrfGuard as a page of the app does, which a bare request with a cookie does not', async () => {
    expect((await send()).status).toBe(403)
    expect((await browserLike(send())).status).toBe(200)
  })

  it('is refused as a page of another origin', async () => {
    expect((await browserLike(send(), { from: 'https://evil.example' })).status).toBe(403)
  })

  it('serves a token in a cookie, for all requests of an agent', async () => {
    const issuer = createTestIssuer()
    const agent = browserLike(request.agent(api(issuer, testRevocationStore())))
    const answer = await agent.post('/').set('Cookie', `__Host-at=${issuer.token()}`)
    expect(answer.status).toBe(200)
  })
})
