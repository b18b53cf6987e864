import { describe, expect, it } from '@jest/globals'
import { parseLineage } from '../../../../lib/revocation/redis/schema/lineage.js'
import { RevocationUnavailable } from '../../../../lib/revocation/store.js'
import { nowSeconds, outcome, token } from '../../../support/redis-store.js'
import { redisForEachTest } from '../../../support/redis-under-test.js'

describe('the floor of new data', () => {
  const redis = redisForEachTest()

  it('covers all that may have been stamped until then, in parts of a second too', async () => {
    const ahead = nowSeconds() + 1000.95
    await redis.readyStore({ onEmpty: 'floor', clockToleranceSeconds: 5, clock: () => ahead })
    const record = await redis.admin.get('{revocations}:lin')
    expect(parseLineage(record!)?.floor).toBeGreaterThanOrEqual(ahead + 5)
  })
})

describe('a client that refreshes right after a loss', () => {
  const redis = redisForEachTest()

  it.each(['strict', 'replicated'] as const)('is not logged out: %s', async (mode) => {
    // Ahead of the server's clock, which runs on while a busy machine opens the store.
    let now = nowSeconds() + 1000
    const store = await redis.readyStore({
      mode,
      onEmpty: 'floor',
      clockToleranceSeconds: 5,
      clock: () => now,
    })
    const old = token({ issuedAt: now - 60 })
    const refreshed = token({ issuedAt: now + 1 })
    expect(await outcome(store, old)).toBe('floor')
    now += 1
    const error: unknown = await (async () => store.check(refreshed))().catch((e: unknown) => e)
    expect(error).toBeInstanceOf(RevocationUnavailable)
    const { retryAfterSeconds } = error as RevocationUnavailable
    expect(retryAfterSeconds).toBeLessThanOrEqual(6)
    now += retryAfterSeconds + 1
    expect(await outcome(store, refreshed)).toBe('floor')
    expect(await outcome(store, token({ issuedAt: now }))).toBe('accepted')
  })
})
