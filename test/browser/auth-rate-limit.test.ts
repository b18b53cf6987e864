import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import express, { type Express } from 'express'
import { Redis } from 'ioredis'
import request from 'supertest'
import { authRateLimit, type AuthRateLimitOptions } from '../../lib/browser.js'
import { FailureCounter } from '../../lib/http/throttle/failure-counter.js'
import type { AuthEvent } from '../../lib/index.js'
import { startRedis, type RedisServer } from '../../tools/redis-server.js'
import { EXPRESS_VERSIONS } from '../support/express-versions.js'
import { until } from '../../tools/until.js'

interface Credentials {
  readonly username?: string
  readonly password?: string
}

function account(req: unknown): string | undefined {
  return (req as { body: Credentials }).body.username
}

function loginApp(options: AuthRateLimitOptions = {}, createApp = express): Express {
  const app = createApp()
  app.set('trust proxy', 1)
  app.use(express.json())
  app.post('/login', authRateLimit('login', { account, ...options }), (req, res) => {
    res.sendStatus((req.body as Credentials).password === 'right' ? 200 : 401)
  })
  return app
}

async function attempt(
  app: Express,
  password: string,
  from: object = {},
): Promise<request.Response> {
  const { username = 'alice', ip = '192.0.2.1' } = from as { username?: string; ip?: string }
  return request(app).post('/login').set('X-Forwarded-For', ip).send({ username, password })
}

async function fail(app: Express, times: number, from: object = {}): Promise<number> {
  let status = 0
  for (let count = 0; count < times; count += 1) status = (await attempt(app, 'wrong', from)).status
  return status
}

describe.each(EXPRESS_VERSIONS)('authRateLimit on %s', (_version, createApp) => {
  it('answers 429 with Retry-After after five failures at one account (RL-01, RL-02, RL-03, RL-04)', async () => {
    const app = loginApp({}, createApp as typeof express)
    expect(await fail(app, 5)).toBe(401)
    const response = await attempt(app, 'wrong')
    expect(response.status).toBe(429)
    expect(response.body).toMatchObject({ error: 'too_many_requests' })
    expect(response.headers['cache-control']).toBe('no-store')
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(800)
    expect(response.headers['ratelimit']).toMatch(/"login-account"; r=0; t=\d+/)
    expect(response.headers['ratelimit-policy']).toMatch(/"login-account"; q=5; w=900/)
  })

  it('counts a spelling of the account for the account, and another account for itself', async () => {
    const app = loginApp({}, createApp as typeof express)
    await fail(app, 5)
    expect((await attempt(app, 'right', { username: 'ALICE' })).status).toBe(429)
    expect((await attempt(app, 'right', { username: 'bob' })).status).toBe(200)
  })

  it('locks nobody out from another network', async () => {
    const app = loginApp({}, createApp as typeof express)
    await fail(app, 6)
    expect((await attempt(app, 'right', { ip: '192.0.2.2' })).status).toBe(200)
  })

  it('counts an IPv6 home as one', async () => {
    const app = loginApp({}, createApp as typeof express)
    for (let count = 1; count <= 5; count += 1) await fail(app, 1, { ip: `2001:db8:0:1::${count}` })
    expect((await attempt(app, 'right', { ip: '2001:db8:0:2::9' })).status).toBe(429)
  })

  it('spends no time on the spelling of a name that is longer than any', async () => {
    const username = 'a' + '\u0301\u0327'.repeat(20_000)
    const spelt = jest.spyOn(String.prototype, 'normalize')
    await fail(loginApp({}, createApp as typeof express), 1, { username })
    expect(spelt.mock.contexts.map((text) => String(text).length)).not.toContain(username.length)
    spelt.mockRestore()
  })

  it('limits a network across accounts', async () => {
    const app = loginApp({ failuresPerNetwork: 3 }, createApp as typeof express)
    for (const username of ['a', 'b', 'c']) await fail(app, 1, { username })
    const response = await attempt(app, 'right', { username: 'd' })
    expect(response.status).toBe(429)
    expect(response.headers['ratelimit']).toContain('"login-network"')
  })

  it('refuses no good attempts for coming at once', async () => {
    const app = loginApp({ failuresPerNetwork: 5 }, createApp as typeof express)
    const responses = await Promise.all(Array.from({ length: 20 }, () => attempt(app, 'right')))
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]))
  })
})

describe('authRateLimit with Redis', () => {
  let server: RedisServer
  let redis: Redis

  beforeAll(async () => {
    server = await startRedis()
    redis = new Redis(server.url, { retryStrategy: () => 20, maxRetriesPerRequest: null })
    redis.on('error', () => undefined)
  })

  afterAll(async () => {
    redis.disconnect()
    await server.stop()
  })

  it('shares the counts between processes, without the names of accounts', async () => {
    await fail(loginApp({ redis }), 5)
    const response = await attempt(loginApp({ redis }), 'right')
    expect(response.status).toBe(429)
    expect(response.headers['ratelimit']).toMatch(/"login-account"; r=0; t=(?:899|900)/)
    const keys = await redis.keys('*')
    expect(keys.filter((key) => key.startsWith('ratelimit:login-account:'))).toHaveLength(1)
    expect(keys.join()).not.toMatch(/alice|192\.0\.2/)
  })

  it('keys its digests by the secret, where there is one', async () => {
    const from = { username: 'frank', ip: '192.0.2.50' }
    const secret = 'a secret of at least 32 bytes, no. 1'
    await fail(loginApp({ redis, secret }), 5, from)
    expect((await attempt(loginApp({ redis, secret }), 'right', from)).status).toBe(429)
    expect((await attempt(loginApp({ redis }), 'right', from)).status).toBe(200)
  })

  it('tells of a whole window to a network without failures', async () => {
    const response = await attempt(loginApp({ redis }), 'right', {
      username: 'dave',
      ip: '192.0.2.9',
    })
    expect(response.headers['ratelimit']).toMatch(/"login-network"; r=19; t=900/)
  })

  it('counts for itself while Redis hangs, and tells of it', async () => {
    const events: AuthEvent[] = []
    const app = loginApp({ redis, onEvent: (event) => events.push(event) })
    const from = { username: 'carol', ip: '192.0.2.3' }
    await fail(app, 1, from)
    server.pause()
    try {
      expect(await fail(app, 4, from)).toBe(401)
      expect((await attempt(app, 'right', from)).status).toBe(429)
    } finally {
      server.resume()
    }
    expect(events.map(({ name }) => name)).toContain('ratelimit.degraded')
    await until(async () => {
      await attempt(app, 'right', { username: 'erin', ip: '192.0.2.4' })
      expect(events.map(({ name }) => name)).toContain('ratelimit.recovered')
    })
  })
})

describe('FailureCounter', () => {
  it('forgets when the window ends', () => {
    const counter = new FailureCounter(1000)
    counter.add('a', 0)
    expect(counter.add('a', 999)).toEqual({ count: 2, resetAt: 1000 })
    expect(counter.read('a', 1000)).toBeUndefined()
    expect(counter.add('a', 1000)).toEqual({ count: 1, resetAt: 2000 })
  })

  it('holds no more than it may, and forgets the oldest', () => {
    const counter = new FailureCounter(1000, 2)
    for (const key of ['a', 'b', 'a', 'c']) counter.add(key, 0)
    expect(counter.read('b', 0)).toBeUndefined()
    expect(counter.read('a', 0)?.count).toBe(2)
  })
})

describe('the options of authRateLimit', () => {
  it.each<[unknown, object, RegExp]>([
    ['signin', {}, /"preset" must be 'login'/],
    ['login', { limit: 5 }, /unknown option "limit"/],
    ['login', { account: 'username' }, /"account" must be a function/],
    ['login', { failuresPerNetwork: 0 }, /"failuresPerNetwork" must be/],
    ['login', { redis: { eval() {} } }, /"redis" must be a redis:\/\/ URL, a client/],
    ['login', { secret: 'short' }, /"secret" must hold strings or bytes of at least 32 bytes/],
    ['login', { windowSeconds: '15m' }, /"windowSeconds" must be/],
  ])('refuses %p with %j at construction', (preset, options, complaint) => {
    expect(() => authRateLimit(preset as 'login', options)).toThrow(complaint)
  })
})
