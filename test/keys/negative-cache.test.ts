import { describe, expect, it } from '@jest/globals'
import { NegativeCache } from '../../lib/keys/negative-cache.js'
import { manualTimer } from '../support/manual-timer.js'

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

  it('forgets all at once', () => {
    const cache = new NegativeCache(3, 1000, () => 0)
    cache.add('a')
    cache.clear()
    expect(cache.has('a')).toBe(false)
  })
})
