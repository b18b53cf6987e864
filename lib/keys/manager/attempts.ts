import type { Timer } from '../../core/clock.js'

export interface Attempt {
  readonly signal: AbortSignal
  /** It needs its deadline no more. */
  readonly end: () => void
}

/** Attempts under way, each with a deadline, so that closing ends them all. */
export class Attempts {
  readonly #timer: Timer
  readonly #timeoutMs: number
  readonly #underWay = new Set<() => void>()

  constructor(timer: Timer, timeoutMs: number) {
    this.#timer = timer
    this.#timeoutMs = timeoutMs
  }

  begin(): Attempt {
    const controller = new AbortController()
    const abort = (): void => controller.abort()
    const cancel = this.#timer.after(this.#timeoutMs, abort)
    this.#underWay.add(abort)
    return {
      signal: controller.signal,
      end: () => {
        cancel()
        this.#underWay.delete(abort)
      },
    }
  }

  abortAll(): void {
    for (const abort of this.#underWay) abort()
  }
}
