import type { OptionCheck } from '../../../core/options/option-check.js'
import type { IssuerPolicy } from '../policy/policy.js'

/**
 * Policies by each spelling of their issuers. One issuer may have several, for two kinds of keys, as
 * while it moves from a shared secret to a key pair: the algorithm that a token names says which, so
 * no two may share one. Each has keys of its own, and a token is never tried with those of another.
 */
export class PoliciesByIssuer {
  readonly #byIssuer = new Map<string, IssuerPolicy[]>()

  /** @throws TypeError where a token could be one of two policies, or revoked under two names. */
  add(check: OptionCheck, policy: IssuerPolicy): void {
    for (const issuer of policy.issuers) {
      const others = this.#byIssuer.get(issuer) ?? []
      for (const other of others) assertApart(check, issuer, policy, other)
      this.#byIssuer.set(issuer, [...others, policy])
    }
  }

  /**
   * @param algorithm As the token names it. It is not verified, and decides which keys are tried.
   * @returns of several the first, where none allows the algorithm: its refusal says so.
   */
  find(issuer: string, algorithm: unknown): IssuerPolicy | undefined {
    const [first, ...others] = this.#byIssuer.get(issuer) ?? []
    if (others.length === 0 || typeof algorithm !== 'string') return first
    return others.find(({ algorithms }) => algorithms.has(algorithm)) ?? first
  }

  names(): readonly string[] {
    return [...this.#byIssuer.keys()]
  }
}

function assertApart(
  check: OptionCheck,
  issuer: string,
  one: IssuerPolicy,
  other: IssuerPolicy,
): void {
  const shared = [...one.algorithms].filter((algorithm) => other.algorithms.has(algorithm))
  if (shared.length > 0) {
    const must = `name each issuer once, or with "algorithms" that no other entry of it has (both take ${shared.join(', ')})`
    check.refuse('issuers', must, issuer)
  }
  // A logout under one name would leave tokens of the other entry alive.
  if (one.revocationIssuers.get(issuer) !== other.revocationIssuers.get(issuer)) {
    check.refuse('issuers', 'list the same spelling first in all entries of an issuer', issuer)
  }
}
