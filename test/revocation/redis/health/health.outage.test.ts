import { describe, expect, it } from '@jest/globals'
import { RevocationUnavailable } from '../../../../lib/revocation/store.js'
import { startTcpProxy } from '../../../../tools/tcp-proxy.js'
import { redisForEachTest } from '../../../support/redis-under-test.js'
import { until } from '../../../../tools/until.js'
import { outcome, token, untilOutcome, untilState } from '../../../support/redis-store.js'

const redis = redisForEachTest()
const { readyStore, stores } = redis

describe('a Redis that does not answer', () => {
  it('is reported within the deadline, and served again when it answers, without a restart (X-06)', async () => {
    const store = await readyStore()
    await store.revokeToken(token())
    redis.pause()
    const askedAt = performance.now()
    expect(await outcome(store)).toBe('unavailable')
    expect(performance.now() - askedAt).toBeLessThan(500 + 150)
    redis.resume()
    await untilOutcome(store, 'token')
    expect(await outcome(store, token({ tokenId: 'token-2' }))).toBe('accepted')
  })

  it('is no longer asked by user traffic once a beat has failed', async () => {
    const store = await readyStore()
    redis.pause()
    await untilState(store, 'down')
    const askedAt = performance.now()
    for (let i = 0; i < 100; i += 1) {
      // A question to Redis waits for the network, and so at least for the next turn.
      const nextTurn = new Promise((resolve) => setImmediate(resolve, 'asked'))
      expect(await Promise.race([outcome(store), nextTurn])).toBe('unavailable')
    }
    expect(performance.now() - askedAt).toBeLessThan(1000)
  })

  it('stores no revocation, and says so', async () => {
    const store = await readyStore({ revokeDeadlineMs: 200 })
    redis.pause()
    await expect(store.revokeToken(token())).rejects.toThrow(RevocationUnavailable)
  })

  it('may come up after the API does', async () => {
    await redis.kill()
    const store = stores.open({ redis: redis.url })
    expect(await outcome(store)).toBe('unavailable')
    await expect(store.revokeToken(token())).rejects.toThrow(RevocationUnavailable)
    await redis.restart()
    await store.ready()
    expect(await outcome(store)).toBe('accepted')
  })

  it('is connected to anew when the link has gone dead without a sign', async () => {
    const proxy = await startTcpProxy(redis.port)
    const store = await readyStore({ redis: `redis://127.0.0.1:${proxy.port}` })
    await store.revokeToken(token())
    proxy.freeze()
    await untilState(store, 'down')
    expect(await outcome(store)).toBe('unavailable')
    await untilOutcome(store, 'token')
    await until(async () => {
      await expect(store.revokeToken(token())).resolves.toHaveProperty('sequence')
    })
    await proxy.close()
  })

  it('does not make a stalled process refuse what Redis has answered meanwhile', async () => {
    const store = await readyStore()
    const asked = outcome(store)
    await new Promise((resolve) => setImmediate(resolve))
    const stallUntil = performance.now() + 1300
    while (performance.now() < stallUntil);
    expect(store.status()).toMatchObject({ ready: false, state: 'stale' })
    expect(await asked).toBe('accepted')
    expect(await outcome(store)).toBe('accepted')
  })
})
