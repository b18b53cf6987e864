import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import express from 'express'
import request from 'supertest'
import { logIn, tokenForUser } from '../../examples/demo/login.js'
import { APP, AUDIENCE, startProvider, type DemoProvider } from '../../examples/demo/provider.js'
import {
  backChannelLogout,
  jtiBlocklist,
  requireBearer,
  type AuthEvent,
  type RevocationStore,
} from '../../lib/index.js'
import { redisRevocationStore } from '../../lib/redis.js'
import { freePort } from '../../lib/testing/free-port.js'
import { startRedis, type RedisServer } from '../../tools/redis-server.js'
import { serve, type RunningServer } from '../../tools/server.js'
import { until } from '../../tools/until.js'

let provider: DemoProvider
let redis: RedisServer
const closers: (() => Promise<void>)[] = []
const events: AuthEvent[] = []

/** One of several processes that share a denylist. */
async function startApi(): Promise<RunningServer> {
  const revocations: RevocationStore = redisRevocationStore({
    redis: redis.url,
    onEmpty: 'initialize',
    clockToleranceSeconds: 0,
  })
  await revocations.ready()
  const { issuer } = provider
  const app = express()
  app.post(
    '/back-channel-logout',
    backChannelLogout(revocations, {
      issuer,
      clientId: APP.id,
      algorithms: ['ES256'],
      onEvent: (event) => events.push(event),
    }),
  )
  app.use(requireBearer({ issuer, audience: AUDIENCE }), jtiBlocklist(revocations))
  app.get('/', (_req, res) => void res.end())
  const server = await serve(app)
  closers.push(async () => {
    await server.close()
    await revocations.close()
  })
  return server
}

let told: RunningServer
let other: RunningServer

beforeAll(async () => {
  redis = await startRedis()
  provider = await startProvider({ port: await freePort() })
  told = await startApi()
  other = await startApi()
  provider.registerLogoutUri(`${told.url}/back-channel-logout`)
})

afterAll(async () => {
  for (const close of closers) await close()
  await provider.close()
  await redis.stop()
})

async function statusOf(api: RunningServer, token: string): Promise<number> {
  const response = await request(api.url).get('/').set('Authorization', `Bearer ${token}`)
  return response.status
}

describe('back-channel logout by a real OpenID provider', () => {
  it('ends that session at every process, and no other session of the user (BCL-01, BCL-19)', async () => {
    const laptop = await logIn(provider, 'alice', 'notes:read')
    const phone = await logIn(provider, 'alice', 'notes:read')
    for (const api of [told, other]) expect(await statusOf(api, laptop.token)).toBe(200)

    await laptop.logOutAtIssuer()
    expect(events).toEqual([
      expect.objectContaining({ name: 'keys.refreshed' }),
      expect.objectContaining({ name: 'logout.received', scope: 'session' }),
    ])
    for (const api of [told, other]) {
      expect(await statusOf(api, laptop.token)).toBe(401)
      expect(await statusOf(api, phone.token)).toBe(200)
    }
  })

  it('tells the provider when it could not be stored, and an alarm with it (BCL-24)', async () => {
    const session = await logIn(provider, 'bob', 'notes:read')
    const phone = await tokenForUser(provider, 'bob', 'notes:read')
    redis.pause()
    await session.logOutAtIssuer()
    expect(events.at(-1)).toMatchObject({ status: 400, reason: 'revocation_not_stored' })
    expect(await statusOf(told, session.token)).toBe(503)
    redis.resume()
    for (const api of [told, other]) {
      await until(async () => expect(await statusOf(api, phone)).toBe(200))
    }
  })

  it('survives a rotation of the signing key', async () => {
    provider.rotateKey()
    const session = await logIn(provider, 'carol', 'notes:read')
    expect(await statusOf(other, session.token)).toBe(200)
    await session.logOutAtIssuer()
    expect(await statusOf(other, session.token)).toBe(401)
  })
})
