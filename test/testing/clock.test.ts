import { expect, it, jest } from '@jest/globals'
import { testClock } from '../../lib/testing/clock.js'

it('a test clock stands still until it is moved, or set', () => {
  const clock = testClock(1_000)
  expect([clock(), clock()]).toEqual([1_000, 1_000])
  clock.advance(5)
  clock.advance(0.5)
  expect([clock(), clock.now]).toEqual([1_005.5, 1_005.5])
  clock.now = 7
  expect(clock()).toBe(7)
})

it('a test clock starts at the present second', () => {
  const now = jest.spyOn(Date, 'now').mockReturnValue(1_234_999)
  expect(testClock()()).toBe(1_234)
  now.mockRestore()
})
