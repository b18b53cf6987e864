import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { Budget } from '../../lib/net/budget.js'
import { FUZZ_RUNS } from '../support/runs.js'

describe('Budget', () => {
  it('gives its burst at once, then one each interval', () => {
    let now = 0
    const bucket = new Budget(2, 1000, () => now)
    expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([true, true, false])
    now = 999
    expect(bucket.take()).toBe(false)
    now = 1000
    expect([bucket.take(), bucket.take()]).toEqual([true, false])
  })

  it('saves up no more than its burst', () => {
    let now = 0
    const bucket = new Budget(2, 1000, () => now)
    now = 1_000_000
    expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([true, true, false])
  })

  it('never gives more than burst + elapsed / interval, whenever it is asked', () => {
    const waits = fc.array(fc.nat(5000), { maxLength: 200 })
    fc.assert(
      fc.property(waits, fc.integer({ min: 1, max: 10 }), (pauses, burst) => {
        let now = 0
        const bucket = new Budget(burst, 1000, () => now)
        let given = 0
        for (const pause of pauses) {
          now += pause
          if (bucket.take()) given += 1
          expect(given).toBeLessThanOrEqual(burst + now / 1000 + 1e-6)
        }
      }),
      { numRuns: FUZZ_RUNS },
    )
  })
})
