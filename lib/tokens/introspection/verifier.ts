import type { Clock } from '../../core/clock.js'
import { AuthError } from '../../core/verdicts/errors.js'
import { andThen, type Outcome } from '../../core/verdicts/outcome.js'
import { NOBODY } from '../../core/queue/sender.js'
import { judgeTimes } from '../access/claim-rules.js'
import type { Credential } from '../access/credential.js'
import type { VerifiedToken } from '../access/entries.js'
import { judgeByApp } from '../access/validate.js'
import type { JwtVerifier } from '../access/verifier.js'
import type { Possession, ProofNeed } from '../proof/binding/possession.js'
import type { IssuerPolicy } from '../issuers/policy/policy.js'
import { unknownIssuer, type IssuerRegistry } from '../issuers/registry/registry.js'
import type { ActiveEntry } from './judging/entries.js'
import type { Introspector } from './introspector.js'
import { opaqueRefusal, isOpaque } from './judging/opaque.js'

export interface IntrospectingSetup {
  /** For `all`, one that leaves the app's own rule to us. */
  readonly jwt: JwtVerifier
  readonly introspector: Introspector
  readonly issuers: IssuerRegistry
  /** Whose tokens are asked about. */
  readonly issuer: string
  readonly all: boolean
  readonly clock: Clock
  readonly possession: Possession
}

/**
 * JWTs as ever, and beside them tokens that the issuer is asked about. An answer is remembered as a
 * verified signature is: what it says, and never that the token was accepted.
 */
export function createIntrospectingVerifier(options: IntrospectingSetup): JwtVerifier {
  const { jwt, introspector, issuers, issuer, all, clock, possession } = options

  function judgeNow(entry: ActiveEntry): Outcome<ActiveEntry> {
    const { policy, auth, ofJwt } = entry
    // A JWT was judged so a moment ago, by the entry of its issuer that verified it.
    if (!ofJwt && issuers.confirm?.(auth.issuer) === false) return unknownIssuer(issuers, issuer)
    const untimely = judgeTimes(entry, policy, clock())
    if (untimely !== undefined) return untimely
    return policy.validate === undefined ? entry : judgeByApp(entry, policy.validate)
  }

  /** A token that must be proven is for `verify`, which knows what came with it. */
  function judgeKnown(
    known: ActiveEntry | AuthError | undefined,
  ): Outcome<VerifiedToken> | undefined {
    if (known === undefined || known instanceof AuthError) return known
    return known.need === undefined ? judgeNow(known) : undefined
  }

  function accept(entry: Outcome<ActiveEntry>, credential: Credential): Outcome<VerifiedToken> {
    return andThen(andThen(entry, judgeNow), (token) => prove(token, token.need, credential))
  }

  /** The last step: what else must come with the token, by this request and no other. */
  function prove(
    token: VerifiedToken,
    need: ProofNeed | undefined,
    credential: Credential,
  ): Outcome<VerifiedToken> {
    if (need === undefined) return token
    const { auth } = token
    return andThen(possession.judge(need, credential), ({ nonce }) => ({
      auth,
      nonce,
      again: () => token.again?.() ?? token,
    }))
  }

  function find(name: string, { throttled, sender }: Credential): Outcome<IssuerPolicy> {
    return andThen(
      issuers.find(name, throttled, sender),
      (policy) => policy ?? unknownIssuer(issuers, issuer),
    )
  }

  function verifyOpaque(credential: Credential): Outcome<VerifiedToken> {
    const refusal = opaqueRefusal(credential.token)
    if (refusal !== undefined) return refusal
    const text = canonicalText(credential)
    const known = recallOpaque(text)
    if (known !== undefined) return accept(known, credential)
    const { sender = NOBODY } = credential
    return andThen(find(issuer, credential), (policy) =>
      accept(introspector.ask(credential, text, policy, sender), credential),
    )
  }

  function verifyJwt(credential: Credential, text: string): Outcome<VerifiedToken> {
    const verified = jwt.recall(text) ?? jwt.verify(credential, text)
    if (!all) return verified
    return andThen(verified, (token) => askAbout(token, credential))
  }

  /** Only one of several issuers is asked: about its tokens alone. */
  function askAbout(token: VerifiedToken, credential: Credential): Outcome<VerifiedToken> {
    const { auth, policy } = token
    if (policy === undefined) return unknownIssuer(issuers, issuer)
    if (!policy.issuers.includes(issuer)) {
      const need = possession.needOf(auth.claims, credential.scheme)
      return andThen(judgeOwn(token, policy), () => prove(token, need, credential))
    }
    const text = canonicalText(credential)
    const known = recallJwt(text, policy)
    const { sender = NOBODY } = credential
    return accept(known ?? introspector.ask(credential, text, policy, sender, token), credential)
  }

  /** What was said while other rules held for the token counts for nothing. */
  function recallJwt(
    text: string,
    policy: IssuerPolicy | undefined,
  ): ActiveEntry | AuthError | undefined {
    const known = introspector.recall(text, true)
    return known instanceof AuthError || known?.policy === policy ? known : undefined
  }

  /** A text without a dot is no JWT, and is looked for among answers alone. */
  function recallEither(text: string): Outcome<VerifiedToken> | undefined {
    const verified = text.includes('.') ? jwt.recall(text) : undefined
    return verified ?? judgeKnown(recallOpaque(text))
  }

  /** In the tick, without a promise. */
  function recallAll(text: string): Outcome<VerifiedToken> | undefined {
    const verified = text.includes('.') ? jwt.recall(text) : undefined
    if (verified instanceof AuthError) return verified
    if (verified === undefined) return judgeKnown(recallOpaque(text))
    // With no rule of the app to wait for, it is there at once. Nobody is asked about other issuers'.
    return verified instanceof Promise ? undefined : judgeKnown(recallJwt(text, verified.policy))
  }

  /** What was said while other rules held, by an earlier answer of a resolver, is asked for anew. */
  function recallOpaque(text: string): ActiveEntry | AuthError | undefined {
    const known = introspector.recall(text, false)
    if (known === undefined || known instanceof AuthError) return known
    const { auth, policy } = known
    const by = issuers.known(auth.issuer)
    return by === policy || issuers.confirm?.(auth.issuer) === false ? known : undefined
  }

  const opensTokens = issuers.decryptionKeys.length > 0
  return {
    recall: all ? recallAll : recallEither,
    verify: (credential, text) =>
      isOpaque(credential.token, opensTokens)
        ? verifyOpaque(credential)
        : verifyJwt(credential, text),
  }
}

/** The app's rule was left to us, so a token that nobody is asked about is judged by it here. */
function judgeOwn(token: VerifiedToken, { validate }: IssuerPolicy): Outcome<VerifiedToken> {
  return validate === undefined ? token : judgeByApp(token, validate)
}

/**
 * One spelling for each token. The scheme may be written in many, with any number of spaces behind it, and
 * each would cost the issuer a call. It is that of nearly all clients, so that `recall` finds it as it came.
 */
function canonicalText({ scheme = 'Bearer', token, transport }: Credential): string {
  return transport === 'cookie' ? `\n${token}` : `${scheme} ${token}`
}
