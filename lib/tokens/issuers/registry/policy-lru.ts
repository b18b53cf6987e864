import type { KeySource } from '../../../keys/key-source.js'

/** What is known of issuers, the least recently used of which makes room: its keys are not refreshed any more. */
export class PolicyLru<T extends { readonly keys: Pick<KeySource, 'close'> }> {
  readonly #maxEntries: number
  readonly #policies = new Map<string, T>()

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries
  }

  get(issuer: string): T | undefined {
    const policy = this.take(issuer)
    // To the young end: a Map remembers the order of insertion.
    if (policy !== undefined) this.#policies.set(issuer, policy)
    return policy
  }

  /** Without being used by that. */
  peek(issuer: string): T | undefined {
    return this.#policies.get(issuer)
  }

  /** Removes a policy, without closing it. */
  take(issuer: string): T | undefined {
    const policy = this.#policies.get(issuer)
    this.#policies.delete(issuer)
    return policy
  }

  set(issuer: string, policy: T): void {
    const [oldest] = this.#policies
    if (!this.#policies.has(issuer) && this.#policies.size >= this.#maxEntries && oldest) {
      this.#policies.delete(oldest[0])
      oldest[1].keys.close()
    }
    this.#policies.set(issuer, policy)
  }

  values(): Iterable<T> {
    return this.#policies.values()
  }

  close(): void {
    for (const { keys } of this.#policies.values()) keys.close()
  }
}
