import type { Auth } from '../../core/auth.js'
import type { Clock } from '../../core/clock.js'
import { AuthError, invalidToken, workDenied } from '../../core/errors.js'
import { NOBODY, type Sender } from '../../core/queue/sender.js'
import type { TokenMemo } from '../../core/token-memo.js'
import { messageOf } from '../../core/values.js'
import type { VerificationKey } from '../../keys/verification-key.js'
import { judgeClaims, judgeTimes, timesOf, type TokenTimes } from './claim-rules.js'
import { stringClaim } from '../jwt/claims.js'
import { parseCompact, type CompactJwt } from '../jwt/compact.js'
import {
  decryptToken,
  isEncrypted,
  isSameKey,
  judgeReplicatedClaims,
  type Decrypted,
} from '../jwt/encrypted.js'
import { judgeHeader, type SignatureHeader } from '../jwt/header.js'
import type { IssuerPolicy } from '../issuers/policy.js'
import { isBadSignature, verifyByIssuer } from '../issuers/verify-signature.js'
import type { IssuerRegistry } from '../issuers/registry.js'
import { toAuth } from './to-auth.js'
import { CachedCredential, TokenCache, type TokenCacheLimits } from './token-cache.js'
import { SingleFlight } from './single-flight.js'

export interface Credential {
  readonly token: string
  readonly transport: Auth['transport']
  /**
   * Its sender has failed too often: nothing is done for it that costs more than a signature check,
   * like fetching keys, resolving an issuer or decrypting. @default false
   */
  readonly throttled?: boolean
  /** Who waits for the answer. @default nobody in particular */
  readonly sender?: Sender
}

/**
 * What became of a token: an `AuthError` refuses it. A rare one is thrown, or rejects the promise.
 */
export type TokenVerdict = VerifiedToken | AuthError | Promise<VerifiedToken | AuthError>

/** Turns a credential into what the token means, or into an `AuthError`. */
export interface TokenVerifier {
  /**
   * Judges a credential that was checked before, without decoding it again; undefined where it was
   * not. `credentialText` is what it came in, the whole header value or cookie.
   */
  recall(credentialText: string): TokenVerdict | undefined
  /** What can be told without a key is told at once. */
  verify(credential: Credential, credentialText: string): TokenVerdict
}

/** The same object for as long as the token is remembered. */
export interface VerifiedToken extends TokenMemo {
  readonly auth: Auth
}

export interface JwtVerifierOptions {
  readonly issuers: IssuerRegistry
  readonly clock: Clock
  /** Undefined: every token is verified anew. */
  readonly verifiedTokens: TokenCacheLimits | undefined
}

/**
 * A signature that verified, by which key, and what the token means. Never a decision. All that a
 * known token needs lies in this one object, because each further one is likely to be cold: `auth`
 * and its claims are not read (0.5 us a request with 1,000 tokens in use).
 */
class VerifiedEntry extends CachedCredential implements VerifiedToken, TokenTimes {
  readonly auth: Auth
  readonly expiresAt: number
  readonly notBefore: number | undefined
  readonly issuedAt: number | undefined
  readonly policy: IssuerPolicy
  readonly key: VerificationKey
  memo: unknown = undefined

  constructor({ credentialText, policy, jwt, credential }: UnverifiedToken, key: VerificationKey) {
    const { auth, bytes } = toAuth(jwt, policy, credential.transport)
    super(credentialText, bytes)
    const { expiresAt, notBefore, issuedAt } = timesOf(jwt.claims)
    this.auth = auth
    this.expiresAt = expiresAt
    this.notBefore = notBefore
    this.issuedAt = issuedAt
    this.policy = policy
    this.key = key
  }

  get clockToleranceSeconds(): number {
    return this.policy.clockToleranceSeconds
  }
}

/** A signature that no key of this generation has made. */
class ForgedEntry extends CachedCredential {
  readonly issuer: string
  readonly policy: IssuerPolicy
  readonly generation: number

  constructor({ credentialText, issuer, policy }: UnverifiedToken, generation: number) {
    super(credentialText)
    this.issuer = issuer
    this.policy = policy
    this.generation = generation
  }
}

/** All that can be known of a token without a key. */
interface UnverifiedToken {
  readonly credential: Credential
  readonly credentialText: string
  /** All who presented it. */
  readonly sender: Sender
  readonly jwt: CompactJwt
  readonly issuer: string
  readonly policy: IssuerPolicy
  readonly header: SignatureHeader
}

/** Forged tokens worth remembering: a client that keeps sending one costs no more signature checks. */
const FORGED: TokenCacheLimits = { maxEntries: 1000, maxBytes: 4_194_304 }

/**
 * The JWT verifier, in order: decryption, shape, issuer, header, claims, key, signature, time again,
 * the app's own rule. All that can be judged without a key is judged before one is asked for, so that
 * nothing but a plausible token costs a signature check or spends the budget for refetches.
 *
 * What is remembered is that a signature verified, never that a token was accepted: issuer, time and
 * the app's rule are judged on each request, and an entry is void once its key is withdrawn.
 * Audience and kind cannot change: they are the token's against the policy that the entry is of.
 */
export function createJwtVerifier(options: JwtVerifierOptions): TokenVerifier {
  const { issuers, clock } = options
  const verified =
    options.verifiedTokens === undefined
      ? undefined
      : new TokenCache<VerifiedEntry>(options.verifiedTokens)
  const forged = new TokenCache<ForgedEntry>(FORGED)
  const flight = new SingleFlight<VerifiedEntry>()

  /** Everything before the signature; at once, unless the token is encrypted or its issuer must be resolved. */
  function examine(
    credential: Credential,
    credentialText: string,
    sender: Sender,
  ): UnverifiedToken | AuthError | Promise<UnverifiedToken | AuthError> {
    const { token, throttled = false } = credential
    if (isEncrypted(token)) return examineEncrypted(credential, credentialText, sender)
    const jwt = parseCompact(token)
    const issuer = stringClaim(jwt.claims, 'iss') ?? ''
    const found = issuers.find(issuer, throttled, sender)
    const read = { credential, credentialText, sender, jwt, issuer }
    return found instanceof Promise
      ? found.then((policy) => judgeUnverified(read, policy))
      : judgeUnverified(read, found)
  }

  async function examineEncrypted(
    credential: Credential,
    credentialText: string,
    sender: Sender,
  ): Promise<UnverifiedToken | AuthError> {
    const { token, throttled = false } = credential
    if (throttled && issuers.decryptionKeys.length > 0) throw workDenied('decrypting a token')
    const outer = await decryptToken(token, issuers.decryptionKeys, sender)
    const jwt = parseCompact(outer.token)
    const issuer = stringClaim(jwt.claims, 'iss') ?? ''
    const policy = await issuers.find(issuer, throttled, sender)
    if (policy !== undefined) judgeEnvelope(outer, jwt, policy)
    return judgeUnverified({ credential, credentialText, sender, jwt, issuer }, policy)
  }

  function judgeUnverified(
    token: Omit<UnverifiedToken, 'policy' | 'header'>,
    policy: IssuerPolicy | undefined,
  ): UnverifiedToken | AuthError {
    const { credential, credentialText, sender, jwt, issuer } = token
    if (policy === undefined) return invalidToken('unknown_issuer', issuers.explain(issuer))
    const header = judgeHeader(jwt, policy)
    const refusal = judgeClaims(jwt.claims, policy, clock())
    if (refusal !== undefined) return refusal
    return { credential, credentialText, sender, jwt, issuer, policy, header }
  }

  function prove(token: UnverifiedToken): Promise<VerifiedEntry | AuthError> {
    const { credential, sender, jwt, issuer, policy, header } = token
    // Taken before the keys: should they be replaced meanwhile, nothing is remembered of the old ones.
    const generation = policy.keys.generation()
    const throttled = credential.throttled === true
    return verifyByIssuer(jwt, header, policy, issuer, throttled, sender).then((key) => {
      if (key instanceof AuthError) {
        // Without "kid" it may be by a key that the budget did not let us fetch yet.
        const final = header.keyId !== undefined && isBadSignature(key)
        // 0: there were no keys, so it is not by them that it failed.
        if (final && generation !== 0) forged.set(new ForgedEntry(token, generation))
        return key
      }
      const entry = new VerifiedEntry(token, key)
      verified?.set(entry)
      return entry
    })
  }

  function begin(
    credential: Credential,
    credentialText: string,
    sender: Sender,
  ): AuthError | Promise<VerifiedEntry | AuthError> {
    const examined = examine(credential, credentialText, sender)
    if (examined instanceof AuthError) return examined
    return examined instanceof Promise ? examined.then(proveUnlessRefused) : prove(examined)
  }

  function proveUnlessRefused(
    examined: UnverifiedToken | AuthError,
  ): AuthError | Promise<VerifiedEntry | AuthError> {
    return examined instanceof AuthError ? examined : prove(examined)
  }

  /** While the same keys would judge it: by others it may be good, and without any nobody can tell. */
  function recallForged(credentialText: string): AuthError | undefined {
    const entry = forged.get(credentialText)
    if (entry === undefined) return undefined
    const { issuer, policy, generation } = entry
    const stands = issuers.known(issuer) === policy && policy.keys.generation() === generation
    return stands ? invalidToken('bad_signature', 'The signature did not verify before') : undefined
  }

  function judge(entry: VerifiedEntry): VerifiedEntry | AuthError | Promise<VerifiedEntry> {
    const { policy } = entry
    if (issuers.admits?.(entry.auth.issuer) === false) {
      return invalidToken('unknown_issuer', issuers.explain(entry.auth.issuer))
    }
    const untimely = judgeTimes(entry, policy, clock())
    if (untimely !== undefined) return untimely
    return policy.validate === undefined ? entry : validated(entry, policy.validate)
  }

  function judgeUnlessRefused(
    entry: VerifiedEntry | AuthError,
  ): VerifiedEntry | AuthError | Promise<VerifiedEntry> {
    return entry instanceof AuthError ? entry : judge(entry)
  }

  return {
    recall(credentialText) {
      const entry = verified?.get(credentialText)
      if (entry === undefined) return recallForged(credentialText)
      if (!entry.policy.keys.holds(entry.key)) {
        verified?.delete(credentialText)
        return undefined
      }
      return judge(entry)
    },
    verify(credential, credentialText) {
      const { throttled, sender = NOBODY } = credential
      // Throttled requests are not coalesced: another sender of this token must not get their 429.
      const checking =
        throttled === true
          ? begin(credential, credentialText, sender)
          : flight.run(credentialText, sender, (all) => begin(credential, credentialText, all))
      // Fetching a key takes time, and the token may have expired meanwhile: judged again.
      return checking instanceof Promise ? checking.then(judgeUnlessRefused) : checking
    },
  }
}

/** One issuer's encryption key must not carry another's tokens. */
function judgeEnvelope(outer: Decrypted, jwt: CompactJwt, policy: IssuerPolicy): void {
  if (!policy.decryptionKeys.some((key) => isSameKey(key, outer.key))) {
    throw invalidToken('encrypted_token', 'The token is encrypted to the key of another issuer')
  }
  judgeReplicatedClaims(outer.header, jwt.claims)
}

async function validated(
  entry: VerifiedEntry,
  validate: NonNullable<IssuerPolicy['validate']>,
): Promise<VerifiedEntry> {
  let verdict: unknown
  try {
    verdict = await validate(entry.auth)
    // Returned in place of thrown, it says no all the same.
    if (verdict instanceof Error) throw verdict
  } catch (error) {
    // "No credential" would let the bearer of a refused token pass as anonymous.
    if (error instanceof AuthError && error.code !== 'no_credential') throw error
    throw invalidToken('refused_by_validate', messageOf(error))
  }
  // It should have thrown, but a predicate that says no must not be taken for a yes.
  if (verdict === false) throw invalidToken('refused_by_validate')
  return entry
}
