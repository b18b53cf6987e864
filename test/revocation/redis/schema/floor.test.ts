import { describe, expect, it } from '@jest/globals'
import { judgeFloor } from '../../../../lib/revocation/redis/schema/floor.js'
import { parseLineage } from '../../../../lib/revocation/redis/schema/lineage.js'
import { RevocationUnavailable, type RevocationVerdict } from '../../../../lib/revocation/store.js'
import { nowSeconds, outcome, token } from '../../../support/redis-store.js'
import { redisForEachTest } from '../../../support/redis-under-test.js'

const LOSS = 2000
const SKEW = 5
const FLOOR = LOSS + SKEW
const lineage = parseLineage(`v1:${LOSS}500:first:${FLOOR}:0:0`)!
const BEFORE_FLOOR: RevocationVerdict = { revoked: true, by: 'floor' }

function judged(issuedAt: number | undefined, now: number): string | number {
  const judgedToken = { sessionId: undefined, version: undefined, issuedAt, expiresAt: 9000 }
  try {
    const verdict = judgeFloor(BEFORE_FLOOR, judgedToken, lineage, now)
    return verdict.revoked ? verdict.by : 'accepted'
  } catch (error) {
    if (error instanceof RevocationUnavailable) return error.retryAfterSeconds
    throw error
  }
}

describe('a token that the floor covers', () => {
  it.each<[string, number | undefined, number, string | number]>([
    ['issued before the loss', LOSS - 1, LOSS + 1, 'floor'],
    ['without a time of issue', undefined, LOSS + 1, 'floor'],
    ['issued in the second of the loss', LOSS, LOSS + 1, SKEW],
    ['issued right after it', LOSS + 1, LOSS + 1, SKEW],
    ['at the end of the skew', FLOOR, FLOOR, 1],
    ['at the end of the skew, in part of a second', FLOOR, FLOOR + 0.5, 1],
    ['once a fresh one is surely newer', LOSS + 1, FLOOR + 1, 'floor'],
  ])('%s (iat %s, now %s): %s', (_name, issuedAt, now, expected) => {
    expect(judged(issuedAt, now)).toBe(expected)
  })

  it.each<RevocationVerdict>([{ revoked: false }, { revoked: true, by: 'token' }])(
    'keeps a verdict that is not by the floor: %j',
    (verdict) => {
      const fresh = { ...token(), issuedAt: LOSS + 1 }
      expect(judgeFloor(verdict, fresh, lineage, LOSS + 1)).toBe(verdict)
    },
  )
})

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
    let now = nowSeconds()
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
