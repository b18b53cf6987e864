import type { Auth } from '../core/auth.js'
import type { Clock } from '../core/clock.js'
import { AuthError, invalidToken, tooCostly } from '../core/errors.js'
import { messageOf } from '../core/values.js'
import type { VerificationKey } from '../keys/verification-key.js'
import { judgeClaims, judgeTimes, timesOf, toAuth, type TokenTimes } from './access-token.js'
import { stringClaim } from './claims.js'
import { parseCompact, type CompactJwt } from './compact.js'
import { decryptToken, isEncrypted, judgeReplicatedClaims, type Decrypted } from './encrypted.js'
import { judgeHeader } from './header.js'
import type { IssuerPolicy } from './issuer-policy.js'
import { isBadSignature, verifyByIssuer } from './issuer-signature.js'
import type { IssuerRegistry } from './issuers.js'
import { TokenCache, type TokenCacheLimits } from './token-cache.js'
import { UnderWay } from './under-way.js'

export interface Credential {
  readonly token: string
  readonly transport: Auth['transport']
  /**
   * Its sender has failed too often: nothing is done for it that costs more than a signature check,
   * like fetching keys, resolving an issuer or decrypting. @default false
   */
  readonly gated?: boolean
}

/** Turns a credential into `Auth`. Throws, or rejects with, `AuthError` and nothing else for a fault of the token. */
export interface TokenVerifier {
  /**
   * Judges a credential that was verified before, without decoding it again; undefined where it
   * was not. `presented` is the text it came in, the whole header value or cookie.
   */
  recall(presented: string): Auth | Promise<Auth> | undefined
  verify(credential: Credential, presented: string): Promise<Auth>
}

export interface JwtVerifierOptions {
  readonly issuers: IssuerRegistry
  readonly clock: Clock
  /** Undefined: every token is verified anew. */
  readonly verifiedTokens: TokenCacheLimits | undefined
}

/** A signature that verified, by which key, and what the token means. Never a decision. */
interface Verified {
  readonly auth: Auth
  /** Beside `auth`, because frozen claims are slow to read: 0.5 us a request with 1,000 tokens in use. */
  readonly times: TokenTimes
  readonly policy: IssuerPolicy
  readonly key: VerificationKey
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
      : new TokenCache<Verified>(options.verifiedTokens)
  const forged = new TokenCache<{ policy: IssuerPolicy; generation: number }>(FORGED)
  const underWay = new UnderWay<Verified>()

  async function check(credential: Credential, presented: string): Promise<Verified> {
    const { token, transport, gated = false } = credential
    const outer = isEncrypted(token) ? await decrypt(token, gated) : undefined
    const jwt = parseCompact(outer?.token ?? token)
    const issuer = stringClaim(jwt.claims, 'iss') ?? ''
    const found = issuers.find(issuer, !gated)
    const policy = found instanceof Promise ? await found : found
    if (policy === undefined) throw invalidToken('unknown_issuer', issuers.explain(issuer))

    if (outer !== undefined) judgeEnvelope(outer, jwt, policy)
    const header = judgeHeader(jwt, policy)
    judgeClaims(jwt.claims, policy, clock())

    // Taken before the keys: should they be replaced meanwhile, nothing is remembered of the old
    // ones. 0 means that there are none, and so nothing to have failed by.
    const generation = policy.keys.generation()
    const known = forged.get(presented)
    if (generation !== 0 && known?.policy === policy && known.generation === generation) {
      throw invalidToken('bad_signature', 'The signature did not verify before')
    }
    try {
      const key = await verifyByIssuer(jwt, header, policy, issuer, !gated)
      const auth = toAuth(jwt, policy, transport)
      const entry = { auth, times: timesOf(jwt.claims), policy, key }
      verified?.set(presented, entry)
      return entry
    } catch (error) {
      // Without "kid" it may be by a key that the budget did not let us fetch yet.
      const final = header.keyId !== undefined && isBadSignature(error)
      if (final) forged.set(presented, { policy, generation })
      throw error
    }
  }

  async function decrypt(token: string, gated: boolean): Promise<Decrypted> {
    if (gated && issuers.decryptionKeys.length > 0) throw tooCostly('decrypting a token')
    return decryptToken(token, issuers.decryptionKeys)
  }

  /** What is gated shares no work: its refusal is not for a neighbour who sends the same token. */
  async function verifiedOnce(credential: Credential, presented: string): Promise<Verified> {
    if (credential.gated === true) return check(credential, presented)
    return underWay.join(presented, () => check(credential, presented))
  }

  function judge({ auth, times, policy }: Verified): Auth | Promise<Auth> {
    if (issuers.admits?.(auth.issuer) === false) {
      throw invalidToken('unknown_issuer', issuers.explain(auth.issuer))
    }
    judgeTimes(times, policy, clock())
    return policy.validate === undefined ? auth : validated(auth, policy.validate)
  }

  return {
    recall(presented) {
      const entry = verified?.get(presented)
      if (entry === undefined) return undefined
      if (!entry.policy.keys.holds(entry.key)) {
        verified?.delete(presented)
        return undefined
      }
      return judge(entry)
    },
    // Fetching a key takes time, and the token may have expired meanwhile: judged again.
    verify: async (credential, presented) => judge(await verifiedOnce(credential, presented)),
  }
}

/** One issuer's encryption key must not carry another's tokens. */
function judgeEnvelope(outer: Decrypted, jwt: CompactJwt, policy: IssuerPolicy): void {
  if (!policy.decryptionKeys.includes(outer.key)) {
    throw invalidToken('encrypted_token', 'The token is encrypted to the key of another issuer')
  }
  judgeReplicatedClaims(outer.header, jwt.claims)
}

async function validated(
  auth: Auth,
  validate: NonNullable<IssuerPolicy['validate']>,
): Promise<Auth> {
  let verdict: unknown
  try {
    verdict = await validate(auth)
  } catch (error) {
    // "No credential" would let the bearer of a refused token pass as anonymous.
    if (error instanceof AuthError && error.code !== 'no_credential') throw error
    throw invalidToken('refused_by_validate', messageOf(error))
  }
  // It should have thrown, but a predicate that says no must not be taken for a yes.
  if (verdict === false) throw invalidToken('refused_by_validate')
  return auth
}
