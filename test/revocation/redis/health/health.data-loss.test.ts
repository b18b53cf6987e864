import { describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { createKeyNames } from '../../../../lib/revocation/redis/schema/key-names.js'
import { startTcpProxy } from '../../../../tools/tcp-proxy.js'
import { redisForEachTest } from '../../../support/redis-under-test.js'
import { until } from '../../../../tools/until.js'
import {
  freshToken,
  nowSeconds,
  outcome,
  token,
  untilOutcome,
  untilState,
} from '../../../support/redis-store.js'

const redis = redisForEachTest()
const { beats, readyStore, stores } = redis

describe('lost data', () => {
  const losses: readonly [string, () => Promise<unknown>][] = [
    ['a restart without persistence', () => redis.restart()],
    ['FLUSHALL', () => redis.admin.flushall()],
    ['the lineage was deleted', () => redis.admin.del('{revocations}:lin')],
    ['the sequence was deleted', () => redis.admin.del('{revocations}:seq')],
    ['the log was deleted', () => redis.admin.del('{revocations}:log')],
    ['another database was swapped in', () => redis.admin.swapdb(0, 1)],
    ['the state before the revocation was restored', restoreOlderState],
  ]

  it.each(losses)('never un-revokes: %s', async (_name, lose) => {
    const store = await readyStore()
    await store.revokeToken(token())
    await lose()
    const seen = new Set<string>()
    await until(async () => {
      seen.add(await outcome(store))
      expect(await outcome(store, freshToken())).toBe('accepted')
    })
    seen.add(await outcome(store))
    expect(seen).not.toContain('accepted')
  })

  it.each(losses)(
    'is an outage until a person acts, by onDataLoss refuse: %s',
    async (_name, lose) => {
      const store = await readyStore({ onDataLoss: 'refuse' })
      await store.revokeToken(token())
      await lose()
      await untilState(store, 'lost')
      expect(await outcome(store, freshToken())).toBe('unavailable')
      await expect(store.ready()).rejects.toThrow(/lost/)
      await store.acceptDataLoss()
      expect(await outcome(store, freshToken())).toBe('accepted')
      expect(await outcome(store)).not.toBe('accepted')
    },
  )

  it('sets one floor for a whole fleet, and all of it goes on', async () => {
    const fleet = await Promise.all([readyStore(), readyStore(), readyStore()])
    await fleet[0].revokeToken(token())
    await redis.admin.flushall()
    for (const store of fleet) await untilOutcome(store, 'accepted', freshToken())
    for (const store of fleet) expect(await outcome(store)).toBe('floor')
    await fleet[1].revokeToken(freshToken())
    for (const store of fleet) expect(await outcome(store, freshToken())).toBe('token')
  })

  it('is found where a backup was restored and then overtaken by new revocations', async () => {
    const proxy = await startTcpProxy(redis.port)
    const witness = await readyStore({ redis: `redis://127.0.0.1:${proxy.port}` })
    await witness.revokeToken(token({ tokenId: 'before the backup' }))
    await redis.admin.save()
    for (const tokenId of ['token-1', 'token-2']) await witness.revokeToken(token({ tokenId }))
    await until(() => expect(witness.status().state).toBe('ready'))
    await beats(2)
    proxy.hold()
    await redis.restart()
    const newcomer = await readyStore()
    for (let i = 0; i < 5; i += 1) await newcomer.revokeToken(token({ tokenId: `later-${i}` }))
    await newcomer.close()
    proxy.cut()
    proxy.release()
    await untilOutcome(witness, 'accepted', freshToken())
    expect(await outcome(witness)).toBe('floor')
    await proxy.close()
  })

  it('makes a revocation fail, where it is the first to meet the older state', async () => {
    const proxy = await startTcpProxy(redis.port)
    const ports = [proxy.port, redis.port]
    const store = await readyStore({
      redis: (failFast) => new Redis(ports.shift() ?? redis.port, failFast),
    })
    await store.revokeToken(token())
    proxy.hold()
    await restoreOlderState()
    const again = store.revokeToken(token({ tokenId: 'token-2' }))
    await expect(again).rejects.toThrow(/not those that were there before/)
    expect(await redis.admin.get('{revocations}:seq')).toBe('0')
    proxy.release()
    await untilOutcome(store, 'accepted', freshToken())
    await proxy.close()
  })

  it('does not take over a lineage that began without a floor', async () => {
    const store = await readyStore()
    await store.revokeToken(token())
    await redis.admin.flushall()
    await readyStore()
    await untilOutcome(store, 'accepted', freshToken())
    expect(await outcome(store)).toBe('floor')
  })
})

describe('a loss that is found at the start', () => {
  it('does not make ready() reject, where the store begins anew by itself', async () => {
    await redis.admin.set('{revocations}:seq', '5')
    const store = await readyStore()
    expect(await outcome(store)).toBe('floor')
  })

  it('makes ready() reject under onDataLoss refuse, until a person accepts it', async () => {
    await redis.admin.set('{revocations}:seq', '5')
    const store = stores.open({ redis: redis.url, onDataLoss: 'refuse' })
    await expect(store.ready()).rejects.toThrow(/without a lineage/)
    await store.acceptDataLoss()
    expect(await outcome(store)).toBe('floor')
  })
})

describe('an empty Redis at first', () => {
  it('sets a floor by default: an earlier list may have been lost', async () => {
    const store = await readyStore({ onEmpty: 'floor' })
    expect(await outcome(store)).toBe('floor')
    expect(await outcome(store, freshToken())).toBe('accepted')
  })

  it('sets the floor as far ahead as the clock of the issuer may be', async () => {
    const store = await readyStore({ onEmpty: 'floor', clockToleranceSeconds: 30 })
    const now = nowSeconds()
    expect(await outcome(store, token({ issuedAt: now + 28 }))).toBe('unavailable')
    expect(await outcome(store, token({ issuedAt: now + 33 }))).toBe('accepted')
  })

  it('is refused by onEmpty refuse, until a person accepts it', async () => {
    const store = stores.open({ redis: redis.url, onEmpty: 'refuse' })
    await expect(store.ready()).rejects.toThrow(/onEmpty/)
    expect(await outcome(store)).toBe('unavailable')
    await store.acceptDataLoss()
    expect(await outcome(store)).toBe('floor')
    expect(await outcome(store, freshToken())).toBe('accepted')
  })
})

/** As a backup would leave it that was made before the first revocation. */
function restoreOlderState(): Promise<unknown> {
  const entry = createKeyNames('revocations', false).entry('token', token().issuer, 'token-1')
  return redis.admin.multi().del(entry, '{revocations}:log').set('{revocations}:seq', 0).exec()
}
