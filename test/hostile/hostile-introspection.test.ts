import { writeFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from '@jest/globals'
import { CALL_FAULTS } from '../../tools/faults.js'
import { BACK_OFF_MS, LIMITS_MS, shortestGapMs } from '../../tools/hostile-cell.js'
import { playCall, type CallReadings } from '../../tools/hostile-introspection.js'

/** Where `npm run hostile-issuer` wants the readings. */
const REPORT = process.env['HOSTILE_INTROSPECTION_REPORT']

const LIMITS = REPORT === undefined ? { timeoutMs: 800 } : {}
const LIMIT_MS = REPORT === undefined ? LIMITS_MS.busy : LIMITS_MS.promised

const readings: CallReadings[] = []

afterAll(() => {
  if (REPORT !== undefined) writeFileSync(REPORT, JSON.stringify(readings))
})

describe.each([
  { held: 'none', status: '503', calls: 3, because: 'nobody can judge the token' },
  { held: 'fresh', status: '200', calls: 0, because: 'the answer from before is believed' },
] as const)('requireBearer, answer held: $held: $because', ({ held, status, calls }) => {
  it.concurrent.each(CALL_FAULTS)(
    '%s: status, time, stall, calls and healing',
    async (fault) => {
      const seen = await playCall({ held, fault }, LIMITS)
      readings.push(seen)
      expect(seen.statuses).toEqual([status])
      expect(seen.answerMs).toBeLessThan(LIMIT_MS.answer)
      expect(seen.stallMs).toBeLessThan(LIMIT_MS.stall)
      // A back-off comes after three failures.
      expect(shortestGapMs(seen.calls, calls)).toBeGreaterThanOrEqual(BACK_OFF_MS)
      expect(seen.healMs).toBeLessThan(LIMIT_MS.heal)
    },
    40_000,
  )
})
