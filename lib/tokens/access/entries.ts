import type { Auth } from '../../core/auth/auth.js'
import type { Outcome } from '../../core/verdicts/outcome.js'
import type { VerificationKey } from '../../keys/jwk/verification-key.js'
import type { IssuerPolicy } from '../issuers/policy/policy.js'
import type { ProofNeed, Proven } from '../proof/binding/possession.js'
import type { TokenTimes } from './claim-rules.js'
import type { TokenMeaning } from './to-auth.js'
import { CachedCredential } from './token-cache.js'
import type { UnverifiedToken } from './unverified-token.js'

/** `auth` is the same object for as long as the token is remembered. */
export interface VerifiedToken extends Proven {
  readonly auth: Auth
  /** Judges it again for a stream that it has opened; absent where only its times are known. */
  again?(): Outcome<VerifiedToken>
  /** By whose rules its signature verified, where that is known. */
  readonly policy?: IssuerPolicy
}

/** What judges again the entries that it has made: by what may have changed, the app's own rule left out. */
export type JudgeAgain<E> = (entry: E) => Outcome<VerifiedToken>

/**
 * A signature that verified, by which key, and what the token means. Never a decision. All that a
 * known token needs lies in this one object, because each further one is likely to be cold: `auth`
 * and its claims are not read.
 */
export class VerifiedEntry extends CachedCredential implements VerifiedToken, TokenTimes {
  readonly auth: Auth
  readonly expiresAt: number
  readonly notBefore: number | undefined
  readonly issuedAt: number | undefined
  readonly policy: IssuerPolicy
  readonly key: VerificationKey
  /** Undefined: every holder of the token may use it. */
  readonly need: ProofNeed | undefined
  readonly #judgeAgain: JudgeAgain<VerifiedEntry>

  constructor(
    { credentialText, policy }: UnverifiedToken,
    key: VerificationKey,
    { auth, times, bytes }: TokenMeaning,
    need: ProofNeed | undefined,
    judgeAgain: JudgeAgain<VerifiedEntry>,
  ) {
    super(credentialText, bytes)
    this.auth = auth
    this.expiresAt = times.expiresAt
    this.notBefore = times.notBefore
    this.issuedAt = times.issuedAt
    this.policy = policy
    this.key = key
    this.need = need
    this.#judgeAgain = judgeAgain
  }

  again(): Outcome<VerifiedToken> {
    return this.#judgeAgain(this)
  }
}

/** A signature that no key of this generation has made. */
export class ForgedEntry extends CachedCredential {
  readonly issuer: string
  readonly algorithm: string
  readonly policy: IssuerPolicy
  readonly generation: number

  constructor({ credentialText, issuer, header, policy }: UnverifiedToken, generation: number) {
    super(credentialText)
    this.issuer = issuer
    this.algorithm = header.algorithm
    this.policy = policy
    this.generation = generation
  }
}
