import { describe, expect, it } from '@jest/globals'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { systemTimer } from '../../../lib/core/clock.js'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import { createSharedRedis, type SharedRedis } from '../../../lib/http/throttle/shared-redis.js'
import { until } from '../../../tools/until.js'
import { CLIENT_NAMES, CLIENTS } from '../../support/redis-clients.js'
import { redisForAllTests } from '../../support/redis-under-test.js'

const redis = redisForAllTests()

const check = optionCheck('requireBearer')
const compile = (source: SharedRedis): ReturnType<typeof createSharedRedis> =>
  createSharedRedis(check, source, { option: 'throttle.redis', timer: systemTimer })

const SOURCES: Readonly<Record<string, () => SharedRedis>> = {
  'a URL': () => redis.url,
  'a valkey URL': () => redis.url.replace('redis://', 'valkey://'),
  'a factory': () => () => CLIENTS['ioredis 6']!(redis.url),
  ...Object.fromEntries(
    CLIENT_NAMES.map((name) => [`a client of ${name}`, () => CLIENTS[name]!(redis.url)]),
  ),
}

describe.each(Object.keys(SOURCES))('%s that shares counts', (name) => {
  it('counts in one place for all processes', async () => {
    const [one, other] = [compile(SOURCES[name]!()), compile(SOURCES[name]!())]
    const key = `count:${name}`
    expect(await one.call('EVAL', "return redis.call('INCR', KEYS[1])", '1', key)).toBe(1)
    expect(await other.call('EVAL', "return redis.call('INCR', KEYS[1])", '1', key)).toBe(2)
  })

  it('fails while Redis is away, and goes on when it is back', async () => {
    const shared = compile(SOURCES[name]!())
    expect(await shared.call('PING')).toBe('PONG')
    await redis.kill()
    const askedAt = performance.now()
    await expect(shared.call('PING')).rejects.toThrow(/clos|connect|writeable/i)
    expect(performance.now() - askedAt).toBeLessThan(1500)
    await redis.restart()
    await until(async () => expect(await shared.call('PING')).toBe('PONG'))
  })
})

it('uses a client that was given only as a model for its own', async () => {
  const given = CLIENTS['ioredis 6']!(redis.url)
  await compile(given).call('PING')
  expect('status' in given && given.status).toBe('wait')
})

it('uses an object with "call" as it is', () => {
  const own = { call: () => Promise.resolve('OK') }
  expect(compile(own)).toBe(own)
})

it.each([
  ['an address without a scheme', 'localhost:6379', /"throttle.redis" must be a redis:\/\//],
  ['an object without "call"', {}, /"throttle.redis" must be a redis:\/\/ URL, a client/],
])('refuses %s, and names the option', (_, source, complaint) => {
  expect(() => compile(source as never)).toThrow(complaint)
})

it('lets a process end that only waits for it', async () => {
  const program = `
    const { requireBearer } = await import('./lib/index.ts')
    requireBearer({ issuer: 'https://id.example', audience: 'a', throttle: { redis: ${JSON.stringify(redis.url)}, secret: 's'.repeat(32) } })
    await new Promise((resolve) => setTimeout(resolve, 300))
    console.log('done')`
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', program],
    { timeout: 20_000 },
  )
  expect(stdout).toBe('done\n')
})
