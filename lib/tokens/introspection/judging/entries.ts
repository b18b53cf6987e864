import type { Auth } from '../../../core/auth/auth.js'
import type { Outcome } from '../../../core/verdicts/outcome.js'
import { isNotedRevoked } from '../../../core/auth/revoked-auth.js'
import type { VerificationKey } from '../../../keys/jwk/verification-key.js'
import type { TokenTimes } from '../../access/claim-rules.js'
import type { JudgeAgain, VerifiedToken } from '../../access/entries.js'
import type { TokenMeaning } from '../../access/to-auth.js'
import { CachedCredential } from '../../access/token-cache.js'
import type { ProofNeed } from '../../proof/binding/possession.js'
import type { IssuerPolicy } from '../../issuers/policy/policy.js'

export interface EntryFacts {
  readonly credentialText: string
  readonly policy: IssuerPolicy
  readonly key: VerificationKey | undefined
  /** Whether it is a JWT, which must be verified besides. */
  readonly ofJwt: boolean
  /** On the Timer. */
  readonly staleAt: number
  readonly need: ProofNeed | undefined
  /** Whether it was asked for after the token had been revoked here: that revocation voids it no more. */
  readonly isOfRevoked: boolean
  readonly judgeAgain: JudgeAgain<ActiveEntry>
}

/** An issuer's word that a token is active, and what it means. Never a decision. */
export class ActiveEntry extends CachedCredential implements VerifiedToken, TokenTimes {
  readonly auth: Auth
  readonly expiresAt: number
  readonly notBefore: number | undefined
  readonly issuedAt: number | undefined
  readonly policy: IssuerPolicy
  readonly ofJwt: boolean
  /** Undefined: every holder of the token may use it. */
  readonly need: ProofNeed | undefined
  readonly #key: VerificationKey | undefined
  readonly #staleAt: number
  readonly #isOfRevoked: boolean
  readonly #judgeAgain: JudgeAgain<ActiveEntry>

  constructor(facts: EntryFacts, { auth, times, bytes }: TokenMeaning) {
    super(facts.credentialText, bytes)
    this.auth = auth
    this.expiresAt = times.expiresAt
    this.notBefore = times.notBefore
    this.issuedAt = times.issuedAt
    this.policy = facts.policy
    this.ofJwt = facts.ofJwt
    this.need = facts.need
    this.#key = facts.key
    this.#staleAt = facts.staleAt
    this.#isOfRevoked = facts.isOfRevoked
    this.#judgeAgain = facts.judgeAgain
  }

  again(): Outcome<VerifiedToken> {
    return this.#judgeAgain(this)
  }

  /** Of the key that signed the answer, where one did. */
  keyHolds(): boolean {
    return this.#key === undefined || this.policy.keys.holds(this.#key)
  }

  /** Whether the denylist has refused the token since. */
  get isRevoked(): boolean {
    return isNotedRevoked(this.auth)
  }

  /** Whether the answer may still be believed (RFC 7662 §4): never past `exp`, not even by the tolerance. */
  stands(elapsed: number, now: number): boolean {
    return (
      elapsed < this.#staleAt &&
      now < this.expiresAt &&
      this.keyHolds() &&
      (this.#isOfRevoked || !this.isRevoked)
    )
  }
}

/** An issuer's word that a token is not active. */
export class InactiveEntry extends CachedCredential {
  readonly staleAt: number

  constructor(credentialText: string, staleAt: number) {
    super(credentialText)
    this.staleAt = staleAt
  }
}
