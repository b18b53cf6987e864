/**
 * Remembers, for a while, values that were looked for in vain. Bounded: the oldest makes room, and
 * forgetting one costs no more than another look.
 */
export class NegativeCache {
  readonly #maxEntries: number
  readonly #lifetimeMs: number
  readonly #now: () => number
  readonly #addedAt = new Map<string, number>()

  constructor(maxEntries: number, lifetimeMs: number, now: () => number) {
    this.#maxEntries = maxEntries
    this.#lifetimeMs = lifetimeMs
    this.#now = now
  }

  add(value: string): void {
    this.#addedAt.delete(value)
    const [oldest] = this.#addedAt.keys()
    if (this.#addedAt.size >= this.#maxEntries && oldest !== undefined) this.#addedAt.delete(oldest)
    this.#addedAt.set(value, this.#now())
  }

  has(value: string): boolean {
    const addedAt = this.#addedAt.get(value)
    return addedAt !== undefined && this.#now() - addedAt < this.#lifetimeMs
  }

  clear(): void {
    this.#addedAt.clear()
  }
}
