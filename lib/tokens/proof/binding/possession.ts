import type { AuthScheme } from '../../../core/auth/scheme.js'
import type { Sender } from '../../../core/queue/sender.js'
import { AuthError, invalidToken } from '../../../core/verdicts/errors.js'
import type { Outcome } from '../../../core/verdicts/outcome.js'
import type { RequestHead } from '../../../http/request/request-head.js'
import type { Claims } from '../../jwt/claims.js'
import { bindingOf, type Binding } from './binding.js'

/** A token, and the request that it came with, where one did. */
export interface Presentation {
  readonly token: string
  /** @default 'Bearer' */
  readonly scheme?: AuthScheme
  /** Undefined where no request carries the token: then nothing can be proven. */
  readonly head?: RequestHead | undefined
  /** Who waits for the answer. @default nobody in particular */
  readonly sender?: Sender
}

/** What must be proven beside a token; or why nothing that could be proven would let it pass. */
export type ProofNeed = Binding | AuthError

/** What a proof leaves to be sent with a good answer. */
export interface Proven {
  /** A fresh nonce, where that of the client grows old (RFC 9449 §8.2). */
  readonly nonce?: string | undefined
}

/**
 * Proof of possession: the one step that every token takes on every request, verified just now or
 * remembered, whoever verified it. A bound token without its proof is stolen goods, and nothing that
 * is configured lets it pass (RFC 7800 §3.1, RFC 9449 §7.1).
 */
export interface Possession {
  /** Undefined for a token that passes by itself: it is not bound, and may be so. */
  needOf(claims: Claims, scheme?: AuthScheme): ProofNeed | undefined
  /** Asked on each request; a proof for another one counts for nothing. */
  judge(need: ProofNeed, presented: Presentation): Outcome<Proven>
}

/** Where no proof is checked: an unbound token needs none, and a bound one is refused. */
export const NO_PROOFS: Possession = {
  needOf: (claims) => bindingOf(claims),
  judge: (need) => (need instanceof AuthError ? need : boundToken('no proof is checked here')),
}

export function boundToken(why: string): AuthError {
  return invalidToken('bound_token', `The token is bound to a key of its client, and ${why}`)
}
