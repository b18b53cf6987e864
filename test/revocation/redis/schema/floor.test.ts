import { describe, expect, it } from '@jest/globals'
import { knownVerdict } from '../../../../lib/revocation/redis/schema/floor.js'
import { parseLineage } from '../../../../lib/revocation/redis/schema/lineage.js'
import {
  RevocationUnavailable,
  type JudgedToken,
  type RevocationVerdict,
} from '../../../../lib/revocation/store.js'

const LOSS = 2000
const SKEW = 5
const FLOOR = LOSS + SKEW
const lineage = parseLineage(`v1:${LOSS}500:first:${FLOOR}:0:0`)!
const BEFORE_FLOOR: RevocationVerdict = { revoked: true, by: 'floor' }

const issued = (issuedAt: number | undefined): JudgedToken => ({
  sessionId: undefined,
  version: undefined,
  issuedAt,
  expiresAt: 9000,
})

function judged(issuedAt: number | undefined, now: number): string | number {
  try {
    const verdict = knownVerdict(BEFORE_FLOOR, issued(issuedAt), lineage, now)
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
      expect(knownVerdict(verdict, issued(LOSS + 1), lineage, LOSS + 1)).toBe(verdict)
    },
  )

  it.each([
    ['is not known', undefined],
    ['has no floor', parseLineage(`v1:${LOSS}500:first:-:0:0`)],
  ])('keeps its verdict where the lineage %s', (_name, known) => {
    expect(knownVerdict(BEFORE_FLOOR, issued(LOSS + 1), known, LOSS + 1)).toBe(BEFORE_FLOOR)
  })
})
