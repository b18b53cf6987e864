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

  /** Spends one token; false when there is none. */
  take(): boolean {
    const earned = (this.#now() - this.#countedAt) / this.#intervalMs
    this.#tokens = Math.min(this.#burst, this.#tokens + earned)
    this.#countedAt = this.#now()
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}
