/** Failures of one key in a window that begins with the first of them. */
export interface Failures {
  readonly count: number
  /** Milliseconds, on whichever clock `now` is read from. */
  readonly resetAt: number
}

/**
 * Counts failures in this process. Bounded: where an attacker invents keys without end, the oldest
 * are forgotten, which costs nobody but the attacker's neighbours in that table.
 */
export class FailureCounter {
  readonly #entries = new Map<string, Failures>()
  readonly #windowMs: number
  readonly #maxEntries: number

  constructor(windowMs: number, maxEntries = 10_000) {
    this.#windowMs = windowMs
    this.#maxEntries = maxEntries
  }

  read(key: string, now: number): Failures | undefined {
    const known = this.#entries.get(key)
    return known !== undefined && known.resetAt > now ? known : undefined
  }

  add(key: string, now: number): Failures {
    const known = this.read(key, now)
    const failures =
      known === undefined
        ? { count: 1, resetAt: now + this.#windowMs }
        : { ...known, count: known.count + 1 }
    this.#keep(key, failures)
    return failures
  }

  /** Takes over what others have counted, where that is more. */
  raise(key: string, others: Failures, now: number): void {
    const own = this.read(key, now)
    if (own === undefined || own.count < others.count) this.#keep(key, others)
  }

  #keep(key: string, failures: Failures): void {
    // Deleted first, so that what fails now is the youngest entry.
    this.#entries.delete(key)
    this.#entries.set(key, failures)
    if (this.#entries.size > this.#maxEntries) {
      const [oldest] = this.#entries.keys()
      if (oldest !== undefined) this.#entries.delete(oldest)
    }
  }
}
