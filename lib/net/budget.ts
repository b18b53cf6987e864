/**
 * `burst` acts at once, and one more every `intervalMs`. A fixed cool-down would refuse a key that is
 * rotated just after a fetch; without a budget, forged tokens would flood the issuer.
 */
export class Budget {
  readonly #burst: number
  readonly #intervalMs: number
  readonly #now: () => number
  #left: number
  #countedAt: number

  constructor(burst: number, intervalMs: number, now: () => number) {
    this.#burst = burst
    this.#intervalMs = intervalMs
    this.#now = now
    this.#left = burst
    this.#countedAt = now()
  }

  /** Spends one; false where no more than the `reserve`, which is kept for others, is left. */
  take(reserve = 0): boolean {
    this.#count()
    if (this.#left < 1 + reserve) return false
    this.#left -= 1
    return true
  }

  /** Gives one back that was spent for nothing. */
  refund(): void {
    this.#left = Math.min(this.#burst, this.#left + 1)
  }

  /** Until there is one more. */
  waitMs(): number {
    this.#count()
    return Math.max(0, 1 - this.#left) * this.#intervalMs
  }

  #count(): void {
    const earned = (this.#now() - this.#countedAt) / this.#intervalMs
    this.#left = Math.min(this.#burst, this.#left + earned)
    this.#countedAt = this.#now()
  }
}
