import type { Timer } from '../../core/clock.js'

/** One task that is due later; a new one takes its place. */
export class Alarm {
  readonly #timer: Timer
  #next: { readonly at: number; readonly cancel: () => void } | undefined

  constructor(timer: Timer) {
    this.#timer = timer
  }

  set(delayMs: number, task: () => void): void {
    this.cancel()
    const cancel = this.#timer.after(delayMs, () => {
      this.#next = undefined
      task()
    })
    this.#next = { at: this.#timer.now() + delayMs, cancel }
  }

  cancel(): void {
    this.#next?.cancel()
    this.#next = undefined
  }

  dueInSeconds(): number | undefined {
    return this.#next && Math.max(0, this.#next.at - this.#timer.now()) / 1000
  }
}
