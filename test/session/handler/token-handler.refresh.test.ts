import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { redisSessionStore } from '../../../lib/redis.js'
import { memorySessionStore, type SessionStore } from '../../../lib/session.js'
import { startRedis, type RedisServer } from '../../../tools/redis-server.js'
import type { LoginBrowser } from '../../../tools/login-browser.js'
import { until } from '../../../tools/until.js'
import { startBff, type Bff } from '../../support/signed-in.js'

const COOKIE = '__Host-Http-session'
const ACCESS_SECONDS = 300

let redis: RedisServer
const stores: SessionStore[] = []

beforeAll(async () => {
  redis = await startRedis()
})

afterAll(async () => {
  for (const store of stores) await store.close()
  await redis.stop()
})

function redisStore(): SessionStore {
  const store = redisSessionStore({ redis: redis.url })
  stores.push(store)
  return store
}

describe.each<readonly [name: string, open: () => SessionStore]>([
  ['in memory', memorySessionStore],
  ['in Redis', redisStore],
])('an access token of a session %s', (_name, open) => {
  let bff: Bff
  let store: SessionStore
  /** Ahead of the clock of the issuer: its tokens are over here. */
  let ahead = 0
  const clock = (): number => Date.now() / 1000 + ahead

  /** The tokens that it gives now are good again. */
  const healing = async (path: string): Promise<undefined> => {
    if (path === '/token') ahead = 0
  }

  beforeEach(async () => {
    ahead = 0
    store = open()
    bff = await startBff({
      sessions: store,
      provider: { accessSeconds: ACCESS_SECONDS },
      options: { clock, clockToleranceSeconds: 0, timeoutMs: 1000 },
    })
  })

  afterEach(() => bff.close())

  async function logIn(): Promise<LoginBrowser> {
    const browser = await bff.logIn('alice')
    bff.provider.trouble = healing
    return browser
  }

  function refreshes(): number {
    return bff.provider.grants.filter((grant) => grant === 'refresh_token').length
  }

  function lastReason(): unknown {
    return bff.events.findLast(({ name }) => name === 'request.refused')
  }

  it('is used as long as it is good', async () => {
    const browser = await logIn()
    ahead = ACCESS_SECONDS - 70
    expect((await browser.visit(`${bff.app.url}/api/me`)).status).toBe(200)
    expect(refreshes()).toBe(0)
  })

  it('is renewed once for all requests that need it at once, and for those after', async () => {
    const browser = await logIn()
    ahead = ACCESS_SECONDS + 1
    const answers = await Promise.all(
      Array.from({ length: 25 }, async () => browser.visit(`${bff.app.url}/api/me`)),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect((await browser.visit(`${bff.app.url}/api/me`)).status).toBe(200)
    expect(refreshes()).toBe(1)
  })

  it('is renewed before its end without anybody waiting for it', async () => {
    const browser = await logIn()
    ahead = ACCESS_SECONDS - 30
    let answer: (() => void) | undefined
    bff.provider.trouble = async (path) => {
      if (path === '/token') await new Promise<void>((resolve) => (answer = resolve))
      return undefined
    }
    expect((await browser.visit(`${bff.app.url}/api/me`)).status).toBe(200)
    await until(() => expect(answer).toBeDefined())
    answer?.()
    await until(() => expect(refreshes()).toBe(1))
  })

  it('that the issuer does not renew ends the session for good (10017-14)', async () => {
    const browser = await logIn()
    const cookie = browser.cookies(bff.app.url).get(COOKIE)
    await bff.provider.revokeAll()
    ahead = ACCESS_SECONDS + 1
    const { status, headers } = await browser.visit(`${bff.app.url}/api/me`)
    expect(status).toBe(401)
    expect(headers['www-authenticate']).toContain('error="invalid_token"')
    expect(lastReason()).toMatchObject({ reason: 'session_ended' })
    ahead = 0
    const again = await browser.visit(`${bff.app.url}/api/me`, {
      headers: { cookie: `${COOKIE}=${cookie}` },
    })
    expect(again.status).toBe(401)
    expect(lastReason()).toMatchObject({ reason: 'session_unknown' })
    expect(bff.events).toContainEqual(
      expect.objectContaining({ name: 'session.ended', by: 'issuer' }),
    )
  })

  it.each([
    ['answers 500', async () => 500],
    ['answers what is no JSON', async () => 200],
    ['does not answer', () => new Promise<undefined>(() => undefined)],
  ])('outlives an issuer that %s: 503, and the session goes on after', async (_how, trouble) => {
    const browser = await bff.logIn('alice')
    bff.provider.trouble = async (path) => (path === '/token' ? trouble() : undefined)
    ahead = ACCESS_SECONDS - 30
    expect((await browser.visit(`${bff.app.url}/api/me`)).status).toBe(200)
    ahead = ACCESS_SECONDS + 1
    const { status, headers } = await browser.visit(`${bff.app.url}/api/me`)
    expect(status).toBe(503)
    expect(Number(headers['retry-after'])).toBeGreaterThan(0)
    expect(headers['set-cookie']).toBeUndefined()
    expect(lastReason()).toMatchObject({ reason: 'issuer_unavailable', family: 'dependency' })
    bff.provider.trouble = healing
    await until(async () => {
      expect((await browser.visit(`${bff.app.url}/api/me`)).status).toBe(200)
    })
  })

  it.each([
    ['for one user, who is blocked, and for nobody else', 'access_denied', 200],
    ['for anybody, where it does not know us any more', 'invalid_client', 503],
  ])('is not renewed for a while %s', async (_whose, error, expected) => {
    const [blocked, other] = [await bff.logIn('mallory'), await logIn()]
    bff.provider.trouble = async (path) => (path === '/token' ? error : undefined)
    ahead = ACCESS_SECONDS + 1
    expect((await blocked.visit(`${bff.app.url}/api/me`)).status).toBe(503)
    const asked = bff.provider.asked.get('/token')
    expect((await blocked.visit(`${bff.app.url}/api/me`)).status).toBe(503)
    expect(bff.provider.asked.get('/token')).toBe(asked)
    bff.provider.trouble = healing
    expect((await other.visit(`${bff.app.url}/api/me`)).status).toBe(expected)
  })

  it('that is over before the issuer said is renewed all the same', async () => {
    ahead = 1000
    const browser = await logIn()
    ahead = ACCESS_SECONDS + 1
    expect((await browser.visit(`${bff.app.url}/auth/refresh`, { method: 'POST' })).status).toBe(
      204,
    )
    expect(refreshes()).toBe(1)
  })

  it('is gone with its session, so long after the login', async () => {
    const browser = await logIn()
    ahead = 12 * 3600 + 1
    expect((await browser.visit(`${bff.app.url}/api/me`)).status).toBe(401)
    expect(lastReason()).toMatchObject({ reason: 'session_unknown' })
  })
})

describe('two processes over one Redis', () => {
  it('renew the access token of a session once', async () => {
    const clock = { ahead: 0 }
    const options = {
      clock: () => Date.now() / 1000 + clock.ahead,
      clockToleranceSeconds: 0,
    }
    const bff = await startBff({
      sessions: redisStore(),
      provider: { accessSeconds: ACCESS_SECONDS },
      options,
    })
    const browser = await bff.logIn('alice')
    clock.ahead = ACCESS_SECONDS + 1
    let [waiting, tried] = [0, 0]
    const second: SessionStore = redisStore()
    const watched: SessionStore = {
      ...second,
      lock(...asked) {
        tried += 1
        return second.lock(...asked)
      },
    }
    bff.provider.trouble = async (path) => {
      if (path !== '/token') return
      waiting += 1
      // The other process has found the same token to be over, and the lock held.
      await until(() => expect(tried).toBeGreaterThan(1))
      clock.ahead = 0
    }
    const first = Array.from({ length: 5 }, async () => browser.visit(`${bff.app.url}/api/me`))
    await until(() => expect(waiting).toBe(1))
    bff.swap({ sessions: watched })
    const others = Array.from({ length: 5 }, async () => browser.visit(`${bff.app.url}/api/me`))
    const answers = await Promise.all([...first, ...others])
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(10).fill(200))
    expect(waiting).toBe(1)
    await bff.close()
  })
})
