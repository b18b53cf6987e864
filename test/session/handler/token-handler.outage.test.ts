import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { redisSessionStore } from '../../../lib/redis.js'
import type { SessionStore } from '../../../lib/session.js'
import { testRevocationStore } from '../../../lib/testing.js'
import { openLoginBrowser, type LoginBrowser } from '../../../tools/login-browser.js'
import { startRedis, type RedisServer } from '../../../tools/redis-server.js'
import { until } from '../../../tools/until.js'
import { startBff, type Bff } from '../../support/signed-in.js'

const COOKIE = '__Host-Http-session'
const ACCESS_SECONDS = 300

let redis: RedisServer
let store: SessionStore
let bff: Bff
let ahead = 0
const denylist = testRevocationStore()

beforeAll(async () => {
  redis = await startRedis()
})

beforeEach(async () => {
  ahead = 0
  store = redisSessionStore({ redis: redis.url, deadlineMs: 100 })
  bff = await startBff({
    sessions: store,
    revocations: denylist,
    provider: { accessSeconds: ACCESS_SECONDS },
    options: { clock: () => Date.now() / 1000 + ahead, clockToleranceSeconds: 0 },
  })
})

afterEach(async () => {
  redis.resume()
  denylist.recover()
  await bff.close()
  await store.close()
})

afterAll(() => redis.stop())

function url(path: string): string {
  return bff.app.url + path
}

function lastReason(): unknown {
  return bff.events.findLast(({ name }) => name === 'request.refused')
}

function isCallback({ pathname }: URL): boolean {
  return pathname === '/auth/callback'
}

function hasCookie(browser: LoginBrowser): boolean {
  return browser.cookies(bff.app.url).has(COOKIE)
}

describe('while Redis does not answer', () => {
  it.each([
    ['GET', '/api/me'],
    ['POST', '/api/notes'],
    ['GET', '/auth/session'],
    ['POST', '/auth/refresh'],
    ['POST', '/auth/logout'],
  ])('%s %s is 503, the cookie stays, and the session goes on after', async (method, path) => {
    const browser = await bff.logIn('alice')
    redis.pause()
    const { status, headers } = await browser.visit(url(path), { method })
    expect([status, headers['retry-after']]).toEqual([503, '1'])
    expect(headers['set-cookie']).toBeUndefined()
    expect(lastReason()).toMatchObject({ reason: 'sessions_unavailable' })
    redis.resume()
    await until(async () => expect((await browser.visit(url('/api/me'))).status).toBe(200))
  })

  it('a login begins all the same: it waits in the browser until Redis is back', async () => {
    const browser = openLoginBrowser()
    redis.pause()
    const { next } = await browser.follow(url('/auth/login'), 'alice', isCallback)
    redis.resume()
    await browser.follow(next ?? '', 'alice')
    expect((await browser.visit(url('/api/me'))).status).toBe(200)
  })

  it('a callback is 503 before the issuer is asked, and the next login is good', async () => {
    const browser = openLoginBrowser()
    const { next } = await browser.follow(url('/auth/login'), 'alice', isCallback)
    redis.pause()
    const { status } = await browser.visit(next ?? '', { from: 'cross-site' })
    expect([status, bff.provider.asked.get('/token')]).toEqual([503, undefined])
    expect(hasCookie(browser)).toBe(false)
    redis.resume()
    await until(async () => {
      await browser.follow(url('/auth/login'), 'alice')
      expect((await browser.visit(url('/api/me'))).status).toBe(200)
    })
  })

  it('a login that the issuer has granted begins no session: 503', async () => {
    const browser = openLoginBrowser()
    bff.provider.trouble = async (path) => {
      if (path === '/token') redis.pause()
    }
    const { status } = await browser.follow(url('/auth/login'), 'alice')
    expect([status, hasCookie(browser)]).toEqual([503, false])
  })

  it('a renewed token is kept until Redis is back: nobody is logged out, and the issuer is asked once (LOGIN-10)', async () => {
    const browser = await bff.logIn('alice')
    ahead = ACCESS_SECONDS + 1
    bff.provider.trouble = async (path) => {
      if (path !== '/token') return
      ahead = 0
      redis.pause()
    }
    expect((await browser.visit(url('/api/me'))).status).toBe(503)
    bff.provider.trouble = undefined
    redis.resume()
    ahead = 0
    await until(() =>
      expect(bff.events).toContainEqual(expect.objectContaining({ name: 'session.refreshed' })),
    )
    // The old refresh token is used up: only the new one, which was written late, can renew now.
    ahead = ACCESS_SECONDS + 1
    bff.provider.trouble = async (path) => {
      if (path === '/token') ahead = 0
    }
    expect((await browser.visit(url('/api/me'))).status).toBe(200)
    expect(bff.provider.grants).toEqual(['authorization_code', 'refresh_token', 'refresh_token'])
  })
})

describe('while the denylist does not answer', () => {
  it.each([
    ['GET', '/api/me', 'revocation_unavailable'],
    ['GET', '/auth/session', 'revocation_unavailable'],
    ['POST', '/auth/refresh', 'revocation_unavailable'],
    ['POST', '/auth/logout', 'revocation_unavailable'],
  ])('%s %s is 503 and the cookie stays', async (method, path, reason) => {
    const browser = await bff.logIn('alice')
    denylist.outage()
    const { status, headers } = await browser.visit(url(path), { method })
    expect([status, headers['set-cookie']]).toEqual([503, undefined])
    expect(lastReason()).toMatchObject({ reason })
    denylist.recover()
    expect((await browser.visit(url('/api/me'))).status).toBe(200)
  })
})

describe('while the denylist stores nothing', () => {
  it('a logout at the issuer is refused, so that the issuer does not take it for told (BCL-19)', async () => {
    const browser = await bff.logIn('alice')
    denylist.outage()
    await browser.follow(`${bff.provider.url}/session/end`, 'alice')
    expect(lastReason()).toMatchObject({ reason: 'revocation_not_stored' })
    denylist.recover()
    expect((await browser.visit(url('/api/me'))).status).toBe(200)
  })
})

describe('while Redis has lost everything', () => {
  it('everybody logs in again, and no session comes back', async () => {
    const browser = await bff.logIn('alice')
    await redis.kill()
    await redis.restart()
    await until(async () => expect((await browser.visit(url('/api/me'))).status).toBe(401))
    await browser.follow(url('/auth/login'), 'alice')
    expect((await browser.visit(url('/api/me'))).status).toBe(200)
  })
})
