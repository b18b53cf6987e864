import type { IssuerPolicy } from '../policy/policy.js'

/** Policies of issuers, the least recently used of which makes room: its keys are not refreshed any more. */
export class PolicyLru {
  readonly #maxEntries: number
  readonly #policies = new Map<string, IssuerPolicy>()

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries
  }

  get(issuer: string): IssuerPolicy | undefined {
    const policy = this.take(issuer)
    // To the young end: a Map remembers the order of insertion.
    if (policy !== undefined) this.#policies.set(issuer, policy)
    return policy
  }

  /** Removes a policy, without closing it. */
  take(issuer: string): IssuerPolicy | undefined {
    const policy = this.#policies.get(issuer)
    this.#policies.delete(issuer)
    return policy
  }

  set(issuer: string, policy: IssuerPolicy): void {
    const [oldest] = this.#policies
    if (this.#policies.size >= this.#maxEntries && oldest !== undefined) {
      this.#policies.delete(oldest[0])
      oldest[1].keys.close()
    }
    this.#policies.set(issuer, policy)
  }

  values(): Iterable<IssuerPolicy> {
    return this.#policies.values()
  }

  close(): void {
    for (const { keys } of this.#policies.values()) keys.close()
  }
}
