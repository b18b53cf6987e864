/** The attempts of one key in a window that begins with the first of them. */
export interface Attempts {
  /** Those that failed and those that are under way: as many places as are taken. */
  taken: number
  failed: number
  /** Milliseconds, on whichever clock `now` is read from. */
  readonly resetAt: number
}

/**
 * Counts attempts in this process, from their begin on: were they counted once they are failures, all
 * that are sent before the first answer would pass. Bounded: where an attacker invents keys without
 * end, the oldest are forgotten.
 */
export class AttemptCounter {
  readonly #entries = new Map<string, Attempts>()
  readonly #windowMs: number
  readonly #maxEntries: number

  constructor(windowMs: number, maxEntries = 10_000) {
    this.#windowMs = windowMs
    this.#maxEntries = maxEntries
  }

  read(key: string, now: number): Attempts | undefined {
    const known = this.#entries.get(key)
    return known !== undefined && known.resetAt > now ? known : undefined
  }

  begin(key: string, now: number): Attempts {
    const attempts = this.read(key, now) ?? { taken: 0, failed: 0, resetAt: now + this.#windowMs }
    attempts.taken += 1
    this.set(key, attempts)
    return attempts
  }

  /** An attempt ends in the window that it began in, be that over or not. */
  end(key: string, attempts: Attempts, failed: boolean): void {
    if (failed) attempts.failed += 1
    else attempts.taken -= 1
    const isCurrent = this.#entries.get(key) === attempts
    if (attempts.taken === 0 && isCurrent) this.#entries.delete(key)
  }

  /** Puts an entry in place of the one there is, as the youngest. */
  set(key: string, attempts: Attempts): void {
    this.#entries.delete(key)
    this.#entries.set(key, attempts)
    if (this.#entries.size > this.#maxEntries) {
      const [oldest] = this.#entries.keys()
      if (oldest !== undefined) this.#entries.delete(oldest)
    }
  }
}
