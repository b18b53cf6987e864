import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { NegativeCache } from '../../../lib/keys/manager/negative-cache.js'
import { manualTimer } from '../../support/manual-timer.js'
import { FUZZ_RUNS } from '../../support/runs.js'

describe('NegativeCache', () => {
  it('remembers a value for its lifetime, counted from the last time it was added', async () => {
    const timer = manualTimer()
    const cache = new NegativeCache(10, 1000, timer.now)
    cache.add('a')
    await timer.advance(600)
    cache.add('a')
    await timer.advance(999)
    expect(cache.has('a')).toBe(true)
    await timer.advance(1)
    expect(cache.has('a')).toBe(false)
  })

  it('never holds more than it may: the oldest makes room', () => {
    const cache = new NegativeCache(3, 1000, () => 0)
    for (const value of ['a', 'b', 'c', 'a', 'd']) cache.add(value)
    expect(['a', 'b', 'c', 'd'].filter((value) => cache.has(value))).toEqual(['a', 'c', 'd'])
  })

  it('holds what a list of the latest would hold, and no more, whatever is added', () => {
    const value = fc.constantFrom('a', 'b', 'c', 'd', 'e', '__proto__')
    fc.assert(
      fc.property(fc.array(value), fc.integer({ min: 1, max: 5 }), (values, maxEntries) => {
        const cache = new NegativeCache(maxEntries, 1000, () => 0)
        for (const added of values) cache.add(added)
        const latest = [...new Set(values.toReversed())].slice(0, maxEntries)
        const held = [...new Set(values)].filter((known) => cache.has(known))
        expect(held.toSorted()).toEqual(latest.toSorted())
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  it('forgets all at once', () => {
    const cache = new NegativeCache(3, 1000, () => 0)
    cache.add('a')
    cache.clear()
    expect(cache.has('a')).toBe(false)
  })
})
