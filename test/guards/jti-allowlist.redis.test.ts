import { describe, expect, it } from '@jest/globals'
import { RevocationUnavailable } from '../../lib/index.js'
import { redisRevocationStore, type RedisRevocationStoreOptions } from '../../lib/redis.js'
import { until } from '../../tools/until.js'
import { itKeepsTheAllowlistContract } from '../contract/allowlist.js'
import { startAllowlisted, type AllowlistedApi } from '../support/allowlisted.js'
import { commandsDuring, mgetsIn } from '../support/monitor.js'
import { freshToken, token, untilState } from '../support/redis-store.js'
import { redisForAllTests, redisForEachTest } from '../support/redis-under-test.js'

type Mode = NonNullable<RedisRevocationStoreOptions['mode']>
const MODES: readonly Mode[] = ['strict', 'replicated']

describe.each(MODES)('jtiAllowlist over redisRevocationStore, %s', (mode) => {
  const redis = redisForAllTests()
  itKeepsTheAllowlistContract(async (options) => {
    const settings = { ...options, mode, onEmpty: 'initialize' } as const
    const store = redisRevocationStore({ ...settings, redis: redis.url })
    await store.ready()
    await untilState(store, 'ready')
    return { store, end: async () => void (await redis.admin.flushall()) }
  })
})

describe.each(MODES)('jtiAllowlist while Redis fails, %s', (mode) => {
  const redis = redisForEachTest(['--save', '', '--appendonly', 'no'])

  async function start(): Promise<AllowlistedApi> {
    return startAllowlisted(await redis.readyStore({ mode, stalenessBoundMs: 1000 }))
  }

  it('is heard of by other processes', async () => {
    const [one, other] = [await start(), await start()]
    await one.allowlist.register(token())
    await until(async () => expect(await other.judged(token())).toBe('passed'))
    await one.close()
    await other.close()
  })

  it.each<[string, () => unknown]>([
    ['is killed', () => redis.kill()],
    ['hangs', () => redis.pause()],
  ])('lets nobody pass for longer than the staleness bound, where Redis %s', async (_how, fail) => {
    const api = await start()
    await api.allowlist.register(token())
    await fail()
    await until(async () => expect(await api.judged(token())).toBe('revocation_unavailable'))
    await expect(api.allowlist.register(token({ tokenId: 'b' }))).rejects.toThrow(
      RevocationUnavailable,
    )
    expect(await api.judged(token())).toBe('revocation_unavailable')
    await api.close()
  })

  it.each<[string, () => Promise<unknown>]>([
    ['restarts without its data', () => redis.restart()],
    ['is flushed', () => redis.admin.flushall()],
    ['loses its lineage', () => redis.admin.del('{revocations}:lin')],
    ['loses its log', () => redis.admin.del('{revocations}:log')],
    ['is another database', () => redis.admin.swapdb(0, 1)],
  ])('refuses what was registered before, where Redis %s', async (_how, lose) => {
    const api = await start()
    await api.allowlist.register(token())
    await lose()
    await until(async () => {
      expect(['before_floor', 'not_registered']).toContain(await api.judged(token()))
    })
    await until(async () => {
      await api.allowlist.register(freshToken())
      expect(await api.judged(freshToken())).toBe('passed')
    })
    expect(await api.judged(token())).not.toBe('passed')
    await api.close()
  })

  it('never lets a token pass that logged out, where Redis is set back to before that', async () => {
    const store = await redis.readyStore({ mode })
    const api = await startAllowlisted(store)
    await api.allowlist.register(token())
    const before = await dumpAll()
    await store.revokeToken(token())
    await redis.beats(2)
    expect(await api.judged(token())).toBe('revoked')
    await restoreAll(before)
    const seen = new Set<string>()
    await until(async () => {
      seen.add(await api.judged(token()))
      await api.allowlist.register(freshToken())
      expect(await api.judged(freshToken())).toBe('passed')
    })
    seen.add(await api.judged(token()))
    expect(seen).not.toContain('passed')
    await api.close()
  })

  async function dumpAll(): Promise<readonly (readonly [string, Buffer])[]> {
    const names = await redis.admin.keys('*')
    return Promise.all(
      names.map(async (name) => [name, await redis.admin.dumpBuffer(name)] as const),
    )
  }

  async function restoreAll(entries: Awaited<ReturnType<typeof dumpAll>>): Promise<void> {
    const steps = redis.admin.multi().flushall()
    for (const [name, dump] of entries) steps.restore(name, 60_000, dump)
    await steps.exec()
  }
})

describe('jtiAllowlist', () => {
  const redis = redisForEachTest()

  it('asks Redis once for the list and the denylist', async () => {
    const api = await startAllowlisted(await redis.readyStore())
    await api.allowlist.register(token())
    const commands = await commandsDuring(redis.admin, () => api.judged(token()))
    expect(mgetsIn(commands)).toHaveLength(1)
    await api.close()
  })
})
