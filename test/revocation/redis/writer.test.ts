import { afterEach, describe, expect, it } from '@jest/globals'
import { createHealth } from '../../../lib/revocation/redis/health/health.js'
import { compileSettings } from '../../../lib/revocation/redis/schema/options.js'
import { entryFor, type StoredEntry } from '../../../lib/revocation/redis/schema/records.js'
import { createWriter, type Writer } from '../../../lib/revocation/redis/writer.js'
import { DEAD_PORT } from '../../../tools/redis-server.js'
import { startTcpProxy } from '../../../tools/tcp-proxy.js'
import { until } from '../../../tools/until.js'
import { manualTimer, type ManualTimer } from '../../support/manual-timer.js'
import { nowSeconds, outcome, token } from '../../support/redis-store.js'
import { redisForEachTest } from '../../support/redis-under-test.js'

const redis = redisForEachTest()

let end: (() => void) | undefined
afterEach(() => {
  end?.()
  end = undefined
})

interface WriterUnderTest {
  readonly writer: Writer
  readonly timer: ManualTimer
  readonly entry: (tokenId: string) => StoredEntry
}

/** A writer whose time is ours, over a health that has proven the data. */
async function readyWriter(url = redis.url): Promise<WriterUnderTest> {
  const timer = manualTimer()
  const settings = compileSettings({ redis: url, onEmpty: 'initialize' })
  const health = createHealth(settings, { onBeat: () => undefined, onState: () => undefined })
  const writer = createWriter({ ...settings, timer }, health)
  end = () => {
    writer.close()
    health.close()
  }
  await health.ready()
  const expiresAt = nowSeconds() + 240
  const entry = (tokenId: string): StoredEntry =>
    entryFor(settings.keys, {
      kind: 'token',
      issuer: token().issuer,
      id: tokenId,
      value: true,
      until: expiresAt,
      keptUntil: expiresAt,
    })
  await writer.store(entry('first'))
  return { writer, timer, entry }
}

async function connections(): Promise<readonly string[]> {
  const list = String(await redis.admin.client('LIST'))
  return [...list.matchAll(/^id=(\d+)/gm)].map(([, id = '']) => id).toSorted()
}

describe('a revocation that is not stored', () => {
  it('leaves the connection as it is where Redis has said why', async () => {
    const { writer, timer, entry } = await readyWriter()
    const before = await connections()
    await redis.admin.config('SET', 'maxmemory', 1)
    await timer.advance(1500)
    await expect(writer.store(entry('second'))).rejects.toThrow(/OOM/)
    await redis.admin.config('SET', 'maxmemory', 0)
    await until(() => writer.store(entry('second')))
    expect(await connections()).toEqual(before)
  })

  it('leads to another connection where that may lead to another master', async () => {
    const { writer, timer, entry } = await readyWriter()
    const before = await connections()
    await redis.admin.replicaof('127.0.0.1', DEAD_PORT)
    await timer.advance(1500)
    await expect(writer.store(entry('second'))).rejects.toThrow(/READONLY/)
    await redis.admin.replicaof('NO', 'ONE')
    await until(() => writer.store(entry('second')))
    expect(await connections()).not.toEqual(before)
  })

  it('leads to another connection where there was no answer', async () => {
    const proxy = await startTcpProxy(redis.port)
    const { writer, timer, entry } = await readyWriter(`redis://127.0.0.1:${proxy.port}`)
    await timer.advance(1500)
    proxy.freeze()
    const stored = writer.store(entry('second'))
    const refused = stored.catch((error: unknown) => String(error))
    await timer.advance(1000)
    expect(await refused).toMatch(/No answer within 1000 ms/)
    await until(() => writer.store(entry('second')))
    await proxy.close()
  })
})

describe('a revocation that comes before the first connection', () => {
  it.each(['strict', 'replicated'] as const)('waits for it, and is stored: %s', async (mode) => {
    const store = redis.stores.open({ redis: redis.url, mode })
    await expect(store.revokeToken(token())).resolves.toHaveProperty('sequence', 1)
    expect(await outcome(store)).toBe('token')
  })

  it('waits two seconds from the start of the store at most', async () => {
    await redis.kill()
    const startedAt = performance.now()
    const store = redis.stores.open({ redis: redis.url })
    await expect(store.revokeToken(token())).rejects.toThrow(/store is down: .*ECONNREFUSED/)
    expect(performance.now() - startedAt).toBeGreaterThan(1900)
    expect(performance.now() - startedAt).toBeLessThan(2500)
    const askedAt = performance.now()
    await expect(store.revokeToken(token())).rejects.toThrow(/store is down/)
    expect(performance.now() - askedAt).toBeLessThan(100)
  })

  it('does not wait where only a person can help', async () => {
    const startedAt = performance.now()
    const store = redis.stores.open({ redis: redis.url, onEmpty: 'refuse' })
    await expect(store.ready()).rejects.toThrow(/onEmpty/)
    await expect(store.revokeToken(token())).rejects.toThrow(/store is refused: .*onEmpty/)
    expect(performance.now() - startedAt).toBeLessThan(1500)
  })
})
