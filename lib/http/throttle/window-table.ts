/** The state of a key until its window ends. */
export interface Window {
  /** Milliseconds, on whichever clock `now` is read from. */
  readonly resetAt: number
}

const MAX_ENTRIES = 10_000

/**
 * Windows by key. Bounded: where an attacker invents keys without end, the oldest are forgotten,
 * which costs nobody but the attacker's neighbours in that table.
 */
export class WindowTable<T extends Window> {
  readonly #windows = new Map<string, T>()
  readonly #maxEntries: number
  protected readonly windowMs: number

  constructor(windowMs: number, maxEntries: number = MAX_ENTRIES) {
    this.windowMs = windowMs
    this.#maxEntries = maxEntries
  }

  /** Undefined once the window is over. */
  read(key: string, now: number): T | undefined {
    const known = this.#windows.get(key)
    return known !== undefined && known.resetAt > now ? known : undefined
  }

  /** The key becomes the youngest. */
  set(key: string, window: T): void {
    this.#windows.delete(key)
    this.#windows.set(key, window)
    if (this.#windows.size > this.#maxEntries) {
      const [oldest] = this.#windows.keys()
      if (oldest !== undefined) this.#windows.delete(oldest)
    }
  }

  /** Leaves a later window of that key alone. */
  delete(key: string, window: T): void {
    if (this.#windows.get(key) === window) this.#windows.delete(key)
  }
}
