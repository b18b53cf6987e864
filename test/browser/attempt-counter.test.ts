import { describe, expect, it } from '@jest/globals'
import { AttemptCounter } from '../../lib/browser/attempt-counter.js'

describe('the count of attempts', () => {
  it('holds those under way and those that failed, until the window ends', () => {
    const counter = new AttemptCounter(1000)
    const first = counter.begin('a', 0)
    counter.end('a', first, true)
    counter.begin('a', 999)
    expect(counter.read('a', 999)).toEqual({ taken: 2, failed: 1, resetAt: 1000 })
    expect(counter.read('a', 1000)).toBeUndefined()
  })

  it('gives the place of a good attempt back, and keeps nothing of it', () => {
    const counter = new AttemptCounter(1000)
    counter.end('a', counter.begin('a', 0), false)
    expect(counter.read('a', 0)).toBeUndefined()
  })

  it.each([true, false])(
    'leaves the next window alone when an attempt of the last one ends (failed: %s)',
    (failed) => {
      const counter = new AttemptCounter(1000)
      const old = counter.begin('a', 0)
      counter.begin('a', 1000)
      counter.end('a', old, failed)
      expect(counter.read('a', 1000)).toEqual({ taken: 1, failed: 0, resetAt: 2000 })
    },
  )

  it('holds no more keys than it may, and forgets the oldest', () => {
    const counter = new AttemptCounter(1000, 2)
    for (const key of ['a', 'b', 'a', 'c']) counter.begin(key, 0)
    expect(counter.read('b', 0)).toBeUndefined()
    expect(counter.read('a', 0)?.taken).toBe(2)
  })
})
