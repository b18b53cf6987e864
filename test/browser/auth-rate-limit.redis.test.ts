import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import type { AuthEvent } from '../../lib/core/events/auth-event.js'
import { startRedis, type RedisServer } from '../../tools/redis-server.js'
import { until } from '../../tools/until.js'
import { attempt, fail, loginApp } from '../support/rate-limited-login.js'

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
