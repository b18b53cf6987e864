import { execFileSync } from 'node:child_process'
import { describe, expect, it } from '@jest/globals'
import { Cluster } from 'ioredis'
import { findRedisBinary, startRedis } from '../../../tools/redis-server.js'
import { startClusterOfOne } from '../../../tools/redis-topologies.js'
import { outcome, token, untilState } from '../../support/redis-store.js'
import { redisForEachTest } from '../../support/redis-under-test.js'
import { until } from '../../../tools/until.js'

const redis = redisForEachTest()
const { readyStore, stores } = redis

const version = execFileSync(findRedisBinary()!, ['--version'], { encoding: 'utf8' })
const [major = 0, minor = 0] = /v=(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number) ?? []
const hasWaitAof = major > 7 || (major === 7 && minor >= 2)
if (!hasWaitAof) console.warn('This Redis has no WAITAOF: what fsync does is judged by its answers')
const onNewRedis = hasWaitAof ? describe : describe.skip
const onOldRedis = hasWaitAof ? describe.skip : describe

onOldRedis('fsync, on a Redis before 7.2', () => {
  it('is refused by name', async () => {
    const store = stores.open({ redis: redis.url, fsync: true })
    await expect(store.ready()).rejects.toThrow(/"fsync" needs WAITAOF of Redis 7.2 or Valkey/)
    expect(store.status().state).toBe('refused')
    expect(await outcome(store)).toBe('unavailable')
  })
})

onNewRedis('fsync', () => {
  it('is refused at the start without an append-only file, with the fix', async () => {
    const store = stores.open({ redis: redis.url, fsync: true })
    await expect(store.ready()).rejects.toThrow(/Set appendonly to yes/)
    expect(store.status().state).toBe('refused')
    await expect(store.revokeToken(token())).rejects.toThrow(/appendonly/)
    await appendOnly('always')
    await untilState(store, 'ready')
  })

  it.each(['always', 'everysec'])(
    'confirms what survives a crash at that moment (appendfsync %s)',
    async (policy) => {
      const server = await startRedis(['--appendonly', 'yes', '--appendfsync', policy])
      const store = await readyStore({ redis: server.url, fsync: true })
      await store.revokeToken(token())
      await server.restart()
      await stores.close()
      const next = await readyStore({ redis: server.url, fsync: true, onDataLoss: 'refuse' })
      expect(await outcome(next)).toBe('token')
      expect(await outcome(next, token({ tokenId: 'token-2' }))).toBe('accepted')
      await stores.close()
      await server.stop()
    },
  )

  it('rejects a revocation that is not on disk in time', async () => {
    await appendOnly('no')
    const store = await readyStore({ fsync: true, revokeDeadlineMs: 200 })
    await expect(store.revokeToken(token())).rejects.toThrow(/not stored: it was not on disk/)
    expect(await outcome(store)).toBe('token')
  })

  it.each(['strict', 'replicated'] as const)(
    'notices that the append-only file was turned off: checks go on, revocations do not (%s)',
    async (mode) => {
      await appendOnly('always')
      const told: (string | undefined)[] = []
      const store = await readyStore({
        fsync: true,
        mode,
        onEvent: (event) =>
          void (event.name === 'revocation.state' && told.push(`${event.state} ${event.detail}`)),
      })
      await store.revokeToken(token())
      await redis.admin.config('SET', 'appendonly', 'no')
      await untilState(store, 'ready', /Set appendonly to yes/)
      expect(told.at(-1)).toMatch(/^ready .*Set appendonly to yes/)
      expect(await outcome(store)).toBe('token')
      const second = token({ tokenId: 'token-2' })
      await expect(store.revokeToken(second)).rejects.toThrow(/WAITAOF.*Set appendonly to yes/)
      await redis.admin.config('SET', 'appendonly', 'yes')
      await untilState(store, 'ready', /^(?!.*appendonly)/)
      await expect(store.revokeToken(second)).resolves.toHaveProperty('sequence')
    },
  )

  it('wants it on the disk of the replicas too, with minReplicas', async () => {
    await appendOnly('always')
    await redis.admin.config('SET', 'repl-diskless-sync-delay', 0)
    const replica = await startRedis(['--replicaof', `127.0.0.1 ${redis.port}`])
    const store = await readyStore({ fsync: true, minReplicas: 1, revokeDeadlineMs: 2000 })
    await expect(store.revokeToken(token())).rejects.toThrow(/0 of 1 replicas have it on disk/)
    const operator = redis.admin.duplicate({ port: replica.port })
    await operator.config('SET', 'appendfsync', 'always')
    await operator.config('SET', 'appendonly', 'yes')
    // It begins with a rewrite of the whole file.
    await until(() => store.revokeToken(token()))
    operator.disconnect()
    await stores.close()
    await replica.stop()
  })

  it('holds on a Cluster', async () => {
    const server = await startClusterOfOne(['--appendonly', 'yes'])
    const store = await readyStore({
      fsync: true,
      redis: (failFast) =>
        new Cluster([{ host: '127.0.0.1', port: server.port }], {
          ...failFast,
          redisOptions: failFast,
        }),
    })
    await store.revokeToken(token())
    expect(await outcome(store)).toBe('token')
    await stores.close()
    await server.stop()
  })
})

async function appendOnly(fsync: string): Promise<void> {
  await redis.admin.config('SET', 'appendfsync', fsync)
  await redis.admin.config('SET', 'appendonly', 'yes')
}
