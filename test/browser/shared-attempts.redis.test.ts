import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { createSharedAttempts, type SharedAttempts } from '../../lib/browser/shared-attempts.js'
import { systemTimer } from '../../lib/core/clock.js'
import { createSharedScript } from '../../lib/http/throttle/shared-script.js'
import { startRedis, type RedisServer } from '../../tools/redis-server.js'

const LIMIT = 3
let server: RedisServer
let redis: Redis
let attempts: SharedAttempts

beforeAll(async () => {
  server = await startRedis()
  redis = new Redis(server.url)
  const ask = createSharedScript({
    redis,
    limiter: 'login',
    timer: systemTimer,
    events: { emit() {} },
  })
  attempts = createSharedAttempts(ask, { limit: LIMIT, windowMs: 60_000, prefix: 'p:' })
})

afterAll(async () => {
  redis.disconnect()
  await server.stop()
})

/** The place of an attempt that begins. */
async function begun(key: string): Promise<string> {
  const standing = await attempts.begin(key)
  return standing?.place ?? ''
}

it.each([
  ['a success', false, { taken: 2, failed: 0 }],
  ['a failure', true, { taken: 3, failed: 1 }],
])('%s that Redis is told of twice counts once', async (_name, failed, standing) => {
  const key = `twice-${failed}`
  const [place] = [await begun(key), await begun(key)]
  await attempts.end(key, place, failed)
  await attempts.end(key, place, failed)
  expect(await attempts.begin(key)).toMatchObject(standing)
})

it('an attempt of a window that is over changes nothing in the next one', async () => {
  const before = await begun('over')
  await redis.del('p:over')
  await begun('over')
  await attempts.end('over', before, true)
  expect(await attempts.begin('over')).toMatchObject({ taken: 2, failed: 0 })
})

it('no place is left once all are taken, and one again when its attempt succeeded', async () => {
  const places = [await begun('full'), await begun('full'), await begun('full')]
  expect(new Set(places).size).toBe(LIMIT)
  expect(await attempts.begin('full')).toMatchObject({ taken: LIMIT, place: undefined })
  await attempts.end('full', places[0]!, false)
  expect(await begun('full')).not.toBe('')
})
