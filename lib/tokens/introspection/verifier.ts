import type { Clock } from '../../core/clock.js'
import { AuthError, invalidToken } from '../../core/verdicts/errors.js'
import { andThen, type Outcome } from '../../core/verdicts/outcome.js'
import { NOBODY } from '../../core/queue/sender.js'
import { judgeTimes } from '../access/claim-rules.js'
import type { Credential } from '../access/credential.js'
import type { VerifiedToken } from '../access/entries.js'
import { judgeByApp } from '../access/validate.js'
import type { JwtVerifier } from '../access/verifier.js'
import type { IssuerPolicy } from '../issuers/policy.js'
import type { IssuerRegistry } from '../issuers/registry.js'
import type { ActiveEntry } from './entries.js'
import type { Introspector } from './introspector.js'
import { opaqueRefusal, isOpaque } from './opaque.js'

export interface IntrospectingSetup {
  /** For `all`, one that leaves the app's own rule to us. */
  readonly jwt: JwtVerifier
  readonly introspector: Introspector
  readonly issuers: IssuerRegistry
  /** Whose tokens are asked about. */
  readonly issuer: string
  readonly all: boolean
  readonly clock: Clock
}

/**
 * JWTs as ever, and beside them tokens that the issuer is asked about. An answer is remembered as a
 * verified signature is: what it says, and never that the token was accepted.
 */
export function createIntrospectingVerifier(options: IntrospectingSetup): JwtVerifier {
  const { jwt, introspector, issuers, issuer, all, clock } = options

  function judgeNow(entry: ActiveEntry): Outcome<ActiveEntry> {
    const { policy, auth } = entry
    if (issuers.known(auth.issuer) !== policy) return unknownIssuer()
    const untimely = judgeTimes(entry, policy, clock())
    if (untimely !== undefined) return untimely
    return policy.validate === undefined ? entry : judgeByApp(entry, policy.validate)
  }

  function judgeKnown(known: ActiveEntry | AuthError): Outcome<ActiveEntry> {
    return known instanceof AuthError ? known : judgeNow(known)
  }

  function unknownIssuer(): AuthError {
    return invalidToken('unknown_issuer', issuers.explain(issuer))
  }

  function find(name: string, { throttled, sender }: Credential): Outcome<IssuerPolicy> {
    return andThen(issuers.find(name, throttled, sender), (policy) => policy ?? unknownIssuer())
  }

  function verifyOpaque(credential: Credential, text: string): Outcome<VerifiedToken> {
    const refusal = opaqueRefusal(credential.token)
    if (refusal !== undefined) return refusal
    const known = introspector.recall(text, false)
    if (known !== undefined) return judgeKnown(known)
    const { sender = NOBODY } = credential
    return andThen(find(issuer, credential), (policy) =>
      andThen(introspector.ask(credential, text, policy, sender), judgeNow),
    )
  }

  function verifyJwt(credential: Credential, text: string): Outcome<VerifiedToken> {
    const verified = jwt.recall(text) ?? jwt.verify(credential, text)
    if (!all) return verified
    return andThen(verified, (token) => askAbout(token, credential, text))
  }

  /** Of several issuers, only one is asked: its tokens alone. */
  function askAbout(
    token: VerifiedToken,
    credential: Credential,
    text: string,
  ): Outcome<VerifiedToken> {
    const { auth } = token
    const { sender = NOBODY } = credential
    return andThen(find(auth.issuer, credential), (policy) => {
      if (!policy.issuers.includes(issuer)) return judgeOwn(token, policy)
      const known = introspector.recall(text, true)
      if (known !== undefined) return judgeKnown(known)
      return andThen(introspector.ask(credential, text, policy, sender, auth), judgeNow)
    })
  }

  /** In the tick, without a promise. */
  function recallAll(text: string): Outcome<VerifiedToken> | undefined {
    const verified = jwt.recall(text)
    if (verified instanceof AuthError) return verified
    if (verified === undefined) return recallOpaque(text)
    // With no rule of the app to wait for, it is there at once.
    if (verified instanceof Promise) return undefined
    const policy = issuers.known(verified.auth.issuer)
    if (policy === undefined) return undefined
    if (!policy.issuers.includes(issuer)) return judgeOwn(verified, policy)
    const known = introspector.recall(text, true)
    return known === undefined ? undefined : judgeKnown(known)
  }

  function recallOpaque(text: string): Outcome<VerifiedToken> | undefined {
    const known = introspector.recall(text, false)
    return known === undefined ? undefined : judgeKnown(known)
  }

  const opensTokens = issuers.decryptionKeys.length > 0
  return {
    recall: all ? recallAll : (text) => jwt.recall(text) ?? recallOpaque(text),
    verify: (credential, text) =>
      isOpaque(credential.token, opensTokens)
        ? verifyOpaque(credential, text)
        : verifyJwt(credential, text),
  }
}

/** The app's rule was left to us, so a token that nobody is asked about is judged by it here. */
function judgeOwn(token: VerifiedToken, { validate }: IssuerPolicy): Outcome<VerifiedToken> {
  return validate === undefined ? token : judgeByApp(token, validate)
}
