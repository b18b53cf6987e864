import type { Clock } from '../../core/clock.js'
import { AuthError, invalidToken } from '../../core/verdicts/errors.js'
import { andThen, type Outcome } from '../../core/verdicts/outcome.js'
import { NOBODY, type Sender } from '../../core/queue/sender.js'
import type { VerificationKey } from '../../keys/jwk/verification-key.js'
import type { IssuerPolicy } from '../issuers/policy/policy.js'
import { unknownIssuer, type IssuerRegistry } from '../issuers/registry/registry.js'
import { isBadSignature, verifyByIssuer } from '../issuers/verify-signature.js'
import type { Possession } from '../proof/binding/possession.js'
import { judgeTimes } from './claim-rules.js'
import type { Credential } from './credential.js'
import { ForgedEntry, VerifiedEntry, type VerifiedToken } from './entries.js'
import { judgingAgain } from './judge-again.js'
import { SingleFlight } from './single-flight.js'
import { toAuth } from './to-auth.js'
import { TokenCache, type TokenCacheLimits } from './token-cache.js'
import {
  judgeUnverified,
  parseToken,
  type ParsedToken,
  type UnverifiedToken,
} from './unverified-token.js'
import { judgeByApp } from './validate.js'

/** Turns a credential into what the token means, or into the refusal. */
export interface JwtVerifier {
  /**
   * Judges a credential that was checked before, without decoding it again; undefined where it was
   * not, or where a proof must come with it: `verify` judges that. `credentialText` is what it came in,
   * the whole header value or cookie.
   */
  recall(credentialText: string): Outcome<VerifiedToken> | undefined
  /** Refusals that need no key come at once. */
  verify(credential: Credential, credentialText: string): Outcome<VerifiedToken>
}

export interface JwtVerifierOptions {
  readonly issuers: IssuerRegistry
  readonly clock: Clock
  /** Undefined: every token is verified anew. */
  readonly verifiedTokens: TokenCacheLimits | undefined
  readonly possession: Possession
  /** False where the caller asks the app's own rule, once it knows more of the token. @default true */
  readonly asksApp?: boolean | undefined
}

/** Forged tokens worth remembering: a client that keeps sending one costs no more signature checks. */
const FORGED: TokenCacheLimits = { maxEntries: 1000, maxBytes: 4_194_304 }

/**
 * The JWT verifier. All that can be judged without a key is judged before one is asked for, so that
 * nothing but a plausible token costs a signature check or spends the budget for refetches.
 *
 * An entry remembers that a signature verified, never that a token was accepted: issuer, time and the
 * app's rule are judged on each request, and an entry is void once its key is withdrawn. Audience and
 * kind cannot change: they are the token's against the policy that the entry is of.
 */
export function createJwtVerifier(options: JwtVerifierOptions): JwtVerifier {
  const { issuers, clock, possession, asksApp = true } = options
  const verified =
    options.verifiedTokens === undefined
      ? undefined
      : new TokenCache<VerifiedEntry>(options.verifiedTokens)
  const forged = new TokenCache<ForgedEntry>(FORGED)
  const flight = new SingleFlight<VerifiedEntry>()
  const judgeAgain = judgingAgain(issuers, clock, check)

  /** The steps of a token that was never seen. The last of them, `judgeNow`, is each request's own. */
  function check(
    credential: Credential,
    credentialText: string,
    sender: Sender,
  ): Outcome<VerifiedEntry> {
    const parsed = parseToken({ credential, credentialText, sender }, issuers.decryptionKeys)
    return andThen(parsed, (token) =>
      andThen(findIssuer(token), (policy) =>
        andThen(judgeUnverified(token, policy, clock()), (unverified) =>
          verifySignature(unverified),
        ),
      ),
    )
  }

  function findIssuer({ credential, issuer, sender, jwt }: ParsedToken): Outcome<IssuerPolicy> {
    const found = issuers.find(issuer, credential.throttled, sender, jwt.header['alg'])
    return andThen(found, (policy) => policy ?? unknownIssuer(issuers, issuer))
  }

  function verifySignature(token: UnverifiedToken): Outcome<VerifiedEntry> {
    const { credential, sender, jwt, issuer, policy, header } = token
    // Taken before the keys: should they be replaced meanwhile, nothing is remembered of the old ones.
    const generation = policy.keys.generation()
    const verifying = verifyByIssuer(jwt, header, policy, issuer, credential.throttled, sender)
    const settle = (key: VerificationKey | AuthError): VerifiedEntry | AuthError =>
      key instanceof AuthError ? refused(token, key, generation) : remember(token, key)
    return verifying instanceof Promise ? verifying.then(settle) : settle(verifying)
  }

  function refused(token: UnverifiedToken, refusal: AuthError, generation: number): AuthError {
    // Without "kid" it may be by a key that the budget did not let us fetch yet.
    const final = token.header.keyId !== undefined && isBadSignature(refusal)
    // Generation 0 means that no keys were loaded, so nothing was proven.
    if (final && generation !== 0) forged.set(new ForgedEntry(token, generation))
    return refusal
  }

  function remember(token: UnverifiedToken, key: VerificationKey): VerifiedEntry | AuthError {
    const { credential, jwt, policy } = token
    const meaning = toAuth(jwt, policy, credential.transport)
    if (meaning instanceof AuthError) return meaning
    const need = possession.needOf(jwt.claims, credential.scheme)
    const entry = new VerifiedEntry(token, key, meaning, need, judgeAgain)
    verified?.set(entry)
    return entry
  }

  /** Valid only while issuer policy and key set are unchanged. */
  function recallForged(credentialText: string): AuthError | undefined {
    const entry = forged.get(credentialText)
    if (entry === undefined) return undefined
    const { issuer, algorithm, policy, generation } = entry
    const stands =
      issuers.known(issuer, algorithm) === policy && policy.keys.generation() === generation
    return stands ? invalidToken('bad_signature', 'The signature did not verify before') : undefined
  }

  function judgeNow(entry: VerifiedEntry): Outcome<VerifiedEntry> {
    const { policy } = entry
    if (issuers.confirm?.(entry.auth.issuer) === false)
      return unknownIssuer(issuers, entry.auth.issuer)
    const untimely = judgeTimes(entry, policy, clock())
    if (untimely !== undefined) return untimely
    return policy.validate === undefined || !asksApp ? entry : judgeByApp(entry, policy.validate)
  }

  /** The last step: what else must come with the token, by this request and no other. */
  function prove(entry: VerifiedEntry, credential: Credential): Outcome<VerifiedToken> {
    const { auth, need } = entry
    if (need === undefined) return entry
    return andThen(possession.judge(need, credential), ({ nonce }) => ({
      auth,
      nonce,
      again: () => entry.again(),
    }))
  }

  function known(credentialText: string): VerifiedEntry | undefined {
    const entry = verified?.get(credentialText)
    if (entry === undefined || entry.policy.keys.holds(entry.key)) return entry
    verified?.delete(credentialText)
    return undefined
  }

  return {
    recall(credentialText) {
      const entry = known(credentialText)
      if (entry === undefined) return recallForged(credentialText)
      return entry.need === undefined ? judgeNow(entry) : undefined
    },
    verify(credential, credentialText) {
      const { throttled, sender = NOBODY } = credential
      // Throttled requests are not coalesced: another sender of this token must not get their 429.
      const checking =
        known(credentialText) ??
        (throttled === true
          ? check(credential, credentialText, sender)
          : flight.run(credentialText, sender, (all) => check(credential, credentialText, all)))
      // Fetching a key takes time, and the token may have expired meanwhile.
      return andThen(andThen(checking, judgeNow), (entry) => prove(entry, credential))
    },
  }
}
