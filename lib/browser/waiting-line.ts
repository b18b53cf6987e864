import type { Timer } from '../core/clock.js'

/** Longer than a slow password hash takes, shorter than browsers and proxies wait for an answer. */
export const MAX_WAIT_MS = 10_000
/** How many attempts of one key may wait, and how many of all. */
const MAX_IN_LINE = 100
const MAX_WAITING = 10_000
/** Other processes do not tell when an attempt ends there. */
const ASK_AGAIN_MS = 100

interface Line {
  length: number
  /** Settles when the last of the line has left it. */
  tail: Promise<void>
  wake: (() => void) | undefined
}

/**
 * Lets attempts of one key that find no room begin in the order they came. The first waits until an
 * attempt has ended, the others wait behind it.
 */
export class WaitingLine {
  readonly #lines = new Map<string, Line>()
  readonly #timer: Timer
  #waiting = 0

  constructor(timer: Timer) {
    this.#timer = timer
  }

  /** What `tryOnce` returns once it returns anything; undefined for who waited too long, or found the line full. */
  async enter<T>(key: string, tryOnce: () => Promise<T | undefined>): Promise<T | undefined> {
    if (!this.#lines.has(key)) {
      const result = await tryOnce()
      if (result !== undefined) return result
    }
    const line = this.#lines.get(key) ?? { length: 0, tail: Promise.resolve(), wake: undefined }
    if (line.length >= MAX_IN_LINE || this.#waiting >= MAX_WAITING) return undefined
    return this.#wait(key, line, tryOnce)
  }

  /** An attempt of this key has ended: there may be room. */
  ended(key: string): void {
    this.#lines.get(key)?.wake?.()
  }

  async #wait<T>(
    key: string,
    line: Line,
    tryOnce: () => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const giveUpAt = this.#timer.now() + MAX_WAIT_MS
    const turn = line.tail.then(() => this.#tryUntil(giveUpAt, line, tryOnce))
    line.tail = turn.then(
      () => undefined,
      () => undefined,
    )
    line.length += 1
    this.#waiting += 1
    this.#lines.set(key, line)
    try {
      return await turn
    } finally {
      line.length -= 1
      this.#waiting -= 1
      if (line.length === 0) this.#lines.delete(key)
    }
  }

  async #tryUntil<T>(
    giveUpAt: number,
    line: Line,
    tryOnce: () => Promise<T | undefined>,
  ): Promise<T | undefined> {
    for (;;) {
      const result = await tryOnce()
      const left = giveUpAt - this.#timer.now()
      if (result !== undefined || left <= 0) return result
      await this.#pause(line, Math.min(left, ASK_AGAIN_MS))
    }
  }

  #pause(line: Line, delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#timer.after(delayMs, resolve)
      line.wake = () => {
        cancel()
        line.wake = undefined
        resolve()
      }
    })
  }
}
