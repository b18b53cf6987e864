import { writeFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from '@jest/globals'
import { CALL_FAULTS } from '../../tools/faults.js'
import { playCall, type CallReadings } from '../../tools/hostile-introspection.js'

/** Where `npm run hostile-issuer` wants the readings. */
const REPORT = process.env['HOSTILE_INTROSPECTION_REPORT']

const LIMITS = REPORT === undefined ? { timeoutMs: 800 } : {}
const ANSWER_MS = 3000
const STALL_MS = 2500
const HEAL_MS = 5000

const readings: CallReadings[] = []

afterAll(() => {
  if (REPORT !== undefined) writeFileSync(REPORT, JSON.stringify(readings))
})

describe.each([
  { held: 'none', status: '503', calls: 3, because: 'nobody can judge the token' },
  { held: 'fresh', status: '200', calls: 0, because: 'the answer from before is believed' },
] as const)('requireBearer, answer held: $held: $because', ({ held, status, calls }) => {
  it.concurrent.each(CALL_FAULTS)('%s: status, time, stall, calls and healing', async (fault) => {
    const seen = await playCall({ held, fault }, LIMITS)
    readings.push(seen)
    expect(seen.statuses).toEqual([status])
    expect(seen.answerMs).toBeLessThan(ANSWER_MS)
    expect(seen.stallMs).toBeLessThan(STALL_MS)
    expect(seen.calls).toBeLessThanOrEqual(calls)
    expect(seen.healMs).toBeLessThan(HEAL_MS)
  })
})
