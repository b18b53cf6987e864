import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import express, { type Express } from 'express'
import { Redis } from 'ioredis'
import request from 'supertest'
import { requireBearer, type AuthEvent, type ThrottleOptions } from '../../../lib/index.js'
import { createTestIssuer } from '../../../lib/testing.js'
import { startRedis, type RedisServer } from '../../../tools/redis-server.js'
import { until } from '../../../tools/until.js'

const SECRET = 'a secret of at least 32 bytes, no. 1'
const OUTAGE = 'ratelimit.degraded'

const issuer = createTestIssuer()
let server: RedisServer
let redis: Redis

beforeAll(async () => {
  server = await startRedis()
  redis = new Redis(server.url, { retryStrategy: () => 20, maxRetriesPerRequest: null })
  redis.on('error', () => undefined)
})

beforeEach(async () => {
  await redis.flushall()
})

afterAll(async () => {
  redis.disconnect()
  await server.stop()
})

interface Process {
  readonly app: Express
  /** Names of the events about the shared counts. */
  readonly outages: string[]
  readonly commands: () => number
  readonly bad: (ip?: string) => Promise<number>
  readonly good: (ip?: string) => Promise<number>
}

/** An app with counts of its own: as good as a process of its own. */
function startProcess(options: Partial<ThrottleOptions> = {}): Process {
  const outages: string[] = []
  let commands = 0
  const counting = {
    call(command: string, ...args: string[]) {
      commands += 1
      return redis.call(command, ...args)
    },
  }
  const app = express()
  app.set('trust proxy', 1)
  app.use(
    requireBearer({
      ...issuer.options,
      throttle: { failuresPerNetwork: 3, redis: counting, secret: SECRET, ...options },
      onEvent({ name }: AuthEvent) {
        if (name.startsWith('ratelimit')) outages.push(name)
      },
    }),
  )
  app.get('/', (_req, res) => void res.sendStatus(204))
  const get = async (token: string, ip: string): Promise<number> => {
    const sent = request(app).get('/').set('X-Forwarded-For', ip)
    return (await sent.set('Authorization', `Bearer ${token}`)).status
  }
  return {
    app,
    outages,
    commands: () => commands,
    bad: (ip = '192.0.2.1') => get('a.b.c', ip),
    good: async (ip = '192.0.2.1') => get(issuer.token(), ip),
  }
}

async function statuses(times: number, ask: () => Promise<number>): Promise<number[]> {
  const answers: number[] = []
  for (let count = 0; count < times; count += 1) answers.push(await ask())
  return answers
}

describe('a throttle with Redis', () => {
  it('shares its counts between processes, by the IPv6 /56 too (RL-07)', async () => {
    const [one, other] = [startProcess(), startProcess()]
    expect(await statuses(3, () => one.bad('2001:db8::1'))).toEqual([401, 401, 401])
    expect(await other.bad('2001:db8:0:ff::2')).toBe(429)
    expect(await other.bad('2001:db8:0:ff::2')).toBe(429)
    expect(other.commands()).toBe(1)
    expect(await other.bad('2001:db8:0:100::2')).toBe(401)
    expect(await other.good('2001:db8::1')).toBe(204)
  })

  it('holds no address, and forgets when the window ends (RL-05)', async () => {
    const { bad } = startProcess({ windowSeconds: 60 })
    await bad('192.0.2.77')
    const [key = ''] = await redis.keys('*')
    expect(key).toMatch(/^throttle:[\w-]{43}$/)
    const left = await redis.pttl(key)
    expect(left).toBeGreaterThan(50_000)
    expect(left).toBeLessThanOrEqual(60_000)
    const stranger = startProcess({ secret: 'another secret of at least 32 bytes.' })
    await stranger.bad('192.0.2.77')
    expect(await redis.keys('*')).toHaveLength(2)
  })

  it('gives an expiry to a count that lost it', async () => {
    const { bad } = startProcess()
    await bad()
    const [key = ''] = await redis.keys('*')
    await redis.persist(key)
    await bad()
    expect(await redis.pttl(key)).toBeGreaterThan(50_000)
  })

  it('asks Redis once for each failure, and never for what passes or is over the limit', async () => {
    const { bad, good, commands } = startProcess()
    await good()
    expect(commands()).toBe(0)
    await statuses(6, bad)
    expect(commands()).toBe(3)
  })

  it('counts a burst of parallel failures', async () => {
    const { bad } = startProcess()
    const answers = await Promise.all(Array.from({ length: 20 }, () => bad()))
    expect(answers.filter((status) => status === 401)).toHaveLength(3)
    expect(answers.filter((status) => status === 429)).toHaveLength(17)
  })

  it('counts for itself while Redis hangs, never with a 500, and tells of it once', async () => {
    const { bad, good, outages } = startProcess()
    server.pause()
    try {
      expect(await statuses(5, bad)).toEqual([401, 401, 401, 429, 429])
      expect(await good()).toBe(204)
      expect(outages).toEqual([OUTAGE])
    } finally {
      server.resume()
    }
    let host = 0
    await until(async () => {
      await bad(`192.0.2.${(host += 1)}`)
      expect(outages).toEqual([OUTAGE, 'ratelimit.recovered'])
    })
  })

  it('keeps its own counts when Redis dies and comes back empty', async () => {
    const { bad, good, outages, commands } = startProcess()
    await statuses(2, bad)
    await server.kill()
    expect(await bad()).toBe(401)
    expect(await bad()).toBe(429)
    expect(await good()).toBe(204)
    let host = 0
    await until(async () => {
      await bad(`198.51.100.${(host += 1)}`)
      expect(commands()).toBe(4)
    })
    expect(outages).toEqual([OUTAGE])
    await server.restart()
    await until(async () => {
      await bad(`198.51.100.${(host += 1)}`)
      expect(outages).toContain('ratelimit.recovered')
    })
    expect(await bad()).toBe(429)
  })

  it.each([
    ['answers nonsense', async () => 'OK'],
    ['answers with no numbers', async () => [null, {}]],
    ['refuses', async () => Promise.reject(new Error('NOAUTH Authentication required.'))],
    [
      'throws at once',
      () => {
        throw new Error('closed')
      },
    ],
  ])('counts for itself where Redis %s', async (_name, call: () => Promise<unknown>) => {
    const { bad, outages } = startProcess({ redis: { call } })
    expect(await statuses(4, bad)).toEqual([401, 401, 401, 429])
    expect(outages).toEqual([OUTAGE])
  })
})
