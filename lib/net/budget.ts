/**
 * A budget: `burst` acts at once, one more every `intervalMs`. A fixed cool-down in its place would
 * refuse a key rotated just after a fetch; no budget at all lets forged tokens flood the issuer.
 */
export class TokenBucket {
  readonly #burst: number
  readonly #intervalMs: number
  readonly #now: () => number
  #tokens: number
  #countedAt: number

  constructor(burst: number, intervalMs: number, now: () => number) {
    this.#burst = burst
    this.#intervalMs = intervalMs
    this.#now = now
    this.#tokens = burst
    this.#countedAt = now()
  }

  /** Spends one token; false when there is none, but for the `reserve` that is kept for others. */
  take(reserve = 0): boolean {
    this.#count()
    if (this.#tokens < 1 + reserve) return false
    this.#tokens -= 1
    return true
  }

  /** Until the next token is there. */
  waitMs(): number {
    this.#count()
    return Math.max(0, 1 - this.#tokens) * this.#intervalMs
  }

  #count(): void {
    const earned = (this.#now() - this.#countedAt) / this.#intervalMs
    this.#tokens = Math.min(this.#burst, this.#tokens + earned)
    this.#countedAt = this.#now()
  }
}
