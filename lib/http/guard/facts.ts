/** How the tokens of one issuer are judged. */
export interface IssuerFacts {
  readonly issuer: string
  /** Undefined where a client or a claim stands in for the audience. */
  readonly audiences: readonly string[] | undefined
  readonly clientIds: readonly string[] | undefined
  readonly algorithms: readonly string[]
  readonly profile: string
  readonly clockToleranceSeconds: number
  /** Where keys come from. */
  readonly keys: 'discovery' | 'a given place' | 'fixed' | 'a function' | 'a shared secret'
  /** Hosts that may be asked over plain http. */
  readonly plainHttp: readonly string[]
}

/** How a guard is set, for `audit`: no secret is in it, and no function of the app. */
export type GuardFacts =
  | {
      readonly kind: 'bearer'
      readonly issuers: readonly IssuerFacts[]
      /** Who else may judge: a verifier of the app, or a resolver that names issuers later. */
      readonly elsewhere: 'verifier' | 'resolver' | undefined
      readonly optional: boolean
      readonly cookie: { readonly name: string; readonly sealed: boolean } | undefined
      /** Proof of possession. */
      readonly proof: 'required' | 'taken' | 'none'
      readonly introspection: 'all' | 'opaque' | 'none'
      readonly throttle: boolean
    }
  | { readonly kind: 'blocklist'; readonly onUnavailable: string }
  | { readonly kind: 'csrf'; readonly reportOnly: boolean }
  | { readonly kind: 'headers' }
  | { readonly kind: 'rights' }

/** `Symbol.for`, so that two copies of this package in one process know each other's guards. */
const FACTS = Symbol.for('express-resource-server.facts')

/** @param facts Asked when somebody wants to know, and never by a request. */
export function withFacts<G extends object>(guard: G, facts: () => readonly GuardFacts[]): G {
  return Object.defineProperty(guard, FACTS, { value: facts })
}

/** Empty for what is no guard of ours, or tells nothing. */
export function factsOf(guard: object): readonly GuardFacts[] {
  const { [FACTS]: facts } = guard as { readonly [FACTS]?: () => readonly GuardFacts[] }
  return facts?.() ?? []
}
