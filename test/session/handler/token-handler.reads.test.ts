import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Express } from 'express'
import { Redis } from 'ioredis'
import { redisRevocationStore, redisSessionStore } from '../../../lib/redis.js'
import type { TokenHandler } from '../../../lib/session.js'
import { startRedis, type RedisServer } from '../../../tools/redis-server.js'
import { startTcpProxy } from '../../../tools/tcp-proxy.js'
import { until } from '../../../tools/until.js'
import { startBff } from '../../support/signed-in.js'

const REQUESTS = 40

let redis: RedisServer
let admin: Redis

beforeAll(async () => {
  redis = await startRedis()
  admin = new Redis(redis.url)
})

afterAll(async () => {
  admin.disconnect()
  await redis.stop()
})

/** Without `jtiBlocklist`, which asks about the access token as it does behind `requireBearer`. */
function behind(app: Express, { bearer }: TokenHandler): void {
  app.get('/plain', bearer, (_req, res) => void res.end())
}

/** Commands since the statistics were reset, those inside of scripts included, but not our own. */
async function commands(): Promise<number> {
  const stats = (await admin.info('commandstats')).matchAll(/cmdstat_([^:]+):calls=(\d+)/g)
  const counted = [...stats].filter(([, name = '']) => !/^(?:info|config)/.test(name))
  return counted.reduce((total, [, , calls]) => total + Number(calls), 0)
}

describe('requests behind bff.bearer, all but the first of ten seconds', () => {
  it.each([
    { mode: 'strict', each: 1 },
    { mode: 'replicated', each: 0 },
  ] as const)(
    'cost $each reads of Redis each with a denylist that is $mode',
    async ({ mode, each }) => {
      await admin.flushall()
      const revocations = redisRevocationStore({ redis: redis.url, mode, onEmpty: 'initialize' })
      const sessions = redisSessionStore({ redis: redis.url })
      await revocations.ready()
      const bff = await startBff({ sessions, revocations, behind })
      const browser = await bff.logIn('alice')
      const me = async (): Promise<number> => (await browser.visit(`${bff.app.url}/plain`)).status
      expect(await me()).toBe(200)
      await admin.config('RESETSTAT')
      for (let requests = 0; requests < REQUESTS; requests += 1) expect(await me()).toBe(200)
      const sent = await commands()
      await bff.close()
      await revocations.close()
      await sessions.close()
      // Beats and the log come by the second, whatever requests do.
      expect(Math.floor(sent / REQUESTS)).toBe(each)
    },
  )
})

describe('a request behind bff.bearer', () => {
  it.each([
    { what: 'the first of its session in a process', laterSeconds: 0 },
    { what: 'the first after ten seconds', laterSeconds: 10 },
  ])('waits for one round trip to Redis where it is $what', async ({ laterSeconds }) => {
    await admin.flushall()
    const proxy = await startTcpProxy(Number(new URL(redis.url).port))
    const settings = { redis: `redis://127.0.0.1:${proxy.port}`, deadlineMs: 10_000 }
    const revocations = redisRevocationStore({ ...settings, onEmpty: 'initialize' })
    const sessions = redisSessionStore(settings)
    await revocations.ready()
    let later = 0
    const options = { clock: () => Date.now() / 1000 + later }
    const bff = await startBff({ sessions, revocations, behind, options })
    const browser = await bff.logIn('alice')
    const me = async (): Promise<number> => (await browser.visit(`${bff.app.url}/plain`)).status
    if (laterSeconds > 0) await me()
    later = laterSeconds
    const monitor = await admin.monitor()
    const questions: string[] = []
    monitor.on('monitor', (_at: string, [command = '', ...args]: string[], source: string) => {
      if (source === 'lua') return
      const asksDenylist = command.toLowerCase() === 'mget' && args.length > 2
      if (asksDenylist) questions.push('denylist')
      if (args.some((arg) => arg.startsWith('sessions:'))) questions.push('session')
    })
    // Nothing that Redis answers comes back before both have been asked.
    proxy.hold('answers')
    const status = me()
    await until(() => expect(questions.toSorted()).toEqual(['denylist', 'session']))
    proxy.release()
    expect(await status).toBe(200)
    expect(questions).toHaveLength(2)
    monitor.disconnect()
    await bff.close()
    await revocations.close()
    await sessions.close()
    await proxy.close()
  })
})
