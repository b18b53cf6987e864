import type { Clock } from '../core/clock.js'

/** Wall time that stands still until a test moves it. Every option named `clock` takes it. */
export interface TestClock extends Clock {
  /** Seconds since the epoch. */
  now: number
  /** Moves the clock on. */
  advance(seconds: number): void
}

/**
 * Wall time that stands still until a test moves it. Every option named `clock` takes it.
 *
 * @param now Where it starts, in seconds since the epoch: this second, unless it is given.
 */
export function testClock(now: number = Math.floor(Date.now() / 1000)): TestClock {
  const clock: TestClock = Object.assign(() => clock.now, {
    now,
    advance(seconds: number): void {
      clock.now += seconds
    },
  })
  return clock
}
