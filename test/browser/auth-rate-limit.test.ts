import { describe, expect, it, jest } from '@jest/globals'
import express from 'express'
import { authRateLimit } from '../../lib/browser/auth-rate-limit.js'
import { EXPRESS_VERSIONS } from '../support/express-versions.js'
import { attempt, fail, loginApp } from '../support/rate-limited-login.js'

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
