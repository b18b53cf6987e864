import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { build } from 'esbuild'
import { Cluster, Redis } from 'ioredis'
import type { RedisFactory, RedisRevocationStoreOptions } from '../../../../lib/redis.js'
import { freePort } from '../../../../lib/testing/free-port.js'
import { outcome, token, untilState } from '../../../support/redis-store.js'
import { redisForEachTest } from '../../../support/redis-under-test.js'
import { runScript } from '../../../support/script.js'
import { until } from '../../../../tools/until.js'

const redis = redisForEachTest()
const { readyStore, stores } = redis

/** Options that note every state a store tells of. */
function observed(source: RedisRevocationStoreOptions['redis']): {
  readonly options: RedisRevocationStoreOptions
  readonly states: string[]
  readonly details: (string | undefined)[]
} {
  const states: string[] = []
  const details: (string | undefined)[] = []
  const options: RedisRevocationStoreOptions = {
    redis: source,
    onEvent(event) {
      if (event.name !== 'revocation.state') return
      states.push(event.state)
      details.push(event.detail)
    },
  }
  return { options, states, details }
}

describe('a store whose Redis is not there at first', () => {
  it('tells of it as of a later outage, and is ready once Redis is', async () => {
    await redis.kill()
    const { options, states, details } = observed(redis.url)
    const store = stores.open(options)
    const ready = store.ready()
    await until(() => expect(states).toEqual(['down']))
    expect(details[0]).toMatch(/ECONNREFUSED/)
    expect(store.status()).toMatchObject({ ready: false, state: 'down', detail: details[0] })
    await redis.restart()
    await ready
    expect(states).toEqual(['down', 'verifying', 'ready'])
  })

  it('tells of it where connections are taken and nothing is answered', async () => {
    const silent = createServer().listen(0, '127.0.0.1')
    const { port } = await new Promise<{ port: number }>((resolve) =>
      silent.once('listening', () => resolve(silent.address() as { port: number })),
    )
    const { options, states } = observed(`redis://127.0.0.1:${port}`)
    const store = stores.open(options)
    // ioredis 5 says that it is connected before anything was answered.
    await until(() => expect(states.at(-1)).toBe('down'), 3000)
    expect(states).not.toContain('ready')
    expect(await outcome(store)).toBe('unavailable')
    silent.close()
  })

  it.each<[string, (port: number) => RedisFactory]>([
    [
      'a Cluster',
      (port) => (failFast) =>
        new Cluster([{ host: '127.0.0.1', port }], { ...failFast, redisOptions: failFast }),
    ],
    [
      'Sentinels',
      (port) => (failFast) =>
        new Redis({ ...failFast, sentinels: [{ host: '127.0.0.1', port }], name: 'mymaster' }),
    ],
  ])('tells of it where it is reached by %s', async (_name, factoryFor) => {
    const { options, states } = observed(factoryFor(await freePort()))
    stores.open(options)
    await until(() => expect(states).toEqual(['down']), 3000)
  })

  it('connects where a factory asks for lazy connections', async () => {
    await expect(
      readyStore({ redis: (o) => new Redis(redis.url, { ...o, lazyConnect: true }) }),
    ).resolves.toBeDefined()
  })
})

describe('a check that comes before the first connection', () => {
  it.each(['strict', 'replicated'] as const)('waits for it, and is answered: %s', async (mode) => {
    const store = stores.open({ redis: redis.url, mode })
    expect(await outcome(store)).toBe('accepted')
  })

  it('waits two seconds from the start of the store at most', async () => {
    await redis.kill()
    const startedAt = performance.now()
    const store = stores.open({ redis: redis.url })
    expect(await outcome(store)).toBe('unavailable')
    expect(performance.now() - startedAt).toBeGreaterThan(1900)
    expect(performance.now() - startedAt).toBeLessThan(2500)
    const askedAt = performance.now()
    expect(await outcome(store)).toBe('unavailable')
    expect(performance.now() - askedAt).toBeLessThan(100)
  })

  it('does not wait once the store was ready', async () => {
    const store = await readyStore()
    await redis.kill()
    await untilState(store, 'down')
    const askedAt = performance.now()
    expect(await outcome(store)).toBe('unavailable')
    expect(performance.now() - askedAt).toBeLessThan(100)
  })
})

describe('a store that can never have a client', () => {
  it.each<[string, () => unknown, RegExp]>([
    [
      'the factory throws',
      () => {
        throw new Error('no certificate at redis://user:secret@cache:6379')
      },
      /"redis" factory threw: no certificate at/,
    ],
    [
      'the factory returns nothing',
      () => undefined,
      /must return a client of ioredis or node-redis/,
    ],
    [
      'the factory returns a promise',
      async () => new Redis(redis.url),
      /must return the client itself/,
    ],
    [
      'the factory returns a client that is closed',
      () => {
        const client = new Redis(redis.url, { lazyConnect: true })
        client.disconnect()
        return client
      },
      /must return a client that is not closed/,
    ],
  ])('is refused by name, with the fix: %s', async (_name, factory, message) => {
    const { options, states, details } = observed(factory as RedisFactory)
    const store = stores.open(options)
    await expect(store.ready()).rejects.toMatchObject({
      name: 'RevocationUnavailable',
      message: expect.stringMatching(message),
      cause: expect.any(Error),
    })
    expect(store.status()).toMatchObject({ ready: false, state: 'refused' })
    expect(store.status().detail).toMatch(message)
    expect(states).toEqual(['refused'])
    expect(details.join()).not.toContain('secret')
    expect(await outcome(store)).toBe('unavailable')
    await expect(store.revokeToken(token())).rejects.toThrow(message)
    await expect(store.ready()).rejects.toThrow(message)
  })

  it('is refused by name where ioredis is not installed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ers-no-ioredis-'))
    const file = join(folder, 'app.mjs')
    const source = `
      import { redisRevocationStore } from ${JSON.stringify(join(process.cwd(), 'lib/redis.ts'))}
      const states = []
      const store = redisRevocationStore({
        redis: 'redis://127.0.0.1:1',
        onEvent: ({ state }) => states.push(state),
      })
      await store.ready().catch(({ name, message }) => console.log(name, message))
      console.log(store.status().state, states.join())
      await store.close()
    `
    await build({
      stdin: { contents: source, resolveDir: process.cwd() },
      outfile: file,
      bundle: true,
      platform: 'node',
      format: 'esm',
      external: ['ioredis', 'redis'],
      logLevel: 'error',
    })
    // Outside of this project, where no ioredis is found.
    await writeFile(join(folder, 'package.json'), '{"type":"module"}')
    const { code, output } = await runScript(file, '')
    await rm(folder, { recursive: true })
    expect(output).toMatch(/^RevocationUnavailable .*npm install ioredis\nrefused refused\n/)
    expect(code).toBe(0)
  })

  it('heals where the factory does', async () => {
    let broken = true
    const store = stores.open({
      redis: (failFast) => {
        if (broken) throw new Error('not yet')
        return new Redis(redis.url, failFast)
      },
    })
    await expect(store.ready()).rejects.toThrow(/not yet/)
    broken = false
    await untilState(store, 'ready')
    await store.revokeToken(token())
    expect(await outcome(store)).toBe('token')
  })

  it('makes a new client where somebody has closed the one it had', async () => {
    const made: Redis[] = []
    const store = await readyStore({
      redis: (failFast) => {
        made.push(new Redis(redis.url, failFast))
        return made.at(-1)!
      },
    })
    await store.revokeToken(token())
    for (const client of made) client.disconnect()
    await untilState(store, 'down', /closed/)
    await untilState(store, 'ready')
    expect(await outcome(store)).toBe('token')
    await until(() => store.revokeToken(token({ tokenId: 'token-2' })))
    expect(made).toHaveLength(4)
  })
})
