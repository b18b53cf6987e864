/** Wall time in seconds since the epoch. Token times are judged by it and by nothing else. */
export type Clock = () => number

export const systemClock: Clock = () => Date.now() / 1000

/**
 * Monotonic time for ages, deadlines and back-off. A wall clock that is set back an hour must not
 * stop key rotation for an hour, so no age is ever measured with `Clock`.
 */
export interface Timer {
  /** Milliseconds from an arbitrary start; never runs backwards. */
  readonly now: () => number
  /** Runs `task` once after `delayMs`. The returned function cancels it. Never keeps the process alive. */
  readonly after: (delayMs: number, task: () => void) => () => void
}

export const systemTimer: Timer = {
  now: () => performance.now(),
  after(delayMs, task) {
    const handle = setTimeout(task, delayMs)
    handle.unref()
    return () => clearTimeout(handle)
  },
}
