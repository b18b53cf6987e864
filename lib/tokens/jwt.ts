import type { Auth } from '../core/auth.js'
import type { Clock } from '../core/clock.js'
import { AuthError, invalidToken } from '../core/errors.js'
import { messageOf } from '../core/values.js'
import type { VerificationKey } from '../keys/key-set.js'
import { KeysUnavailable } from '../keys/key-source.js'
import { judgeClaims, judgeTimes, toAuth } from './access-token.js'
import { stringClaim } from './claims.js'
import { parseCompact } from './compact.js'
import { judgeHeader } from './header.js'
import type { IssuerPolicy } from './issuer-policy.js'
import { verifySignature } from './signature.js'

export interface Credential {
  readonly token: string
  readonly transport: Auth['transport']
}

/** Turns a credential into `Auth`. Rejects with `AuthError` and nothing else. */
export interface TokenVerifier {
  verify(credential: Credential): Auth | Promise<Auth>
}

export interface JwtVerifierOptions {
  /** The policy for an issuer, by its exact name; undefined for a foreign one. */
  readonly policyFor: (issuer: string) => IssuerPolicy | undefined
  readonly clock: Clock
  /** Why an issuer is foreign, for the log. */
  readonly explainIssuer: (issuer: string) => string
}

/**
 * The JWT verifier, in order: shape, issuer, header, claims, key, signature, time again, the app's
 * own rule. All that can be judged without a key is judged before one is asked for, so that
 * nothing but a plausible token costs a signature check or spends the budget for refetches.
 */
export function createJwtVerifier(options: JwtVerifierOptions): TokenVerifier {
  const { policyFor, clock } = options
  return {
    async verify({ token, transport }) {
      const jwt = parseCompact(token)
      const issuer = stringClaim(jwt.claims, 'iss') ?? ''
      const policy = policyFor(issuer)
      if (policy === undefined) {
        throw invalidToken('unknown_issuer', options.explainIssuer(issuer))
      }
      const { algorithm, keyId } = judgeHeader(jwt, policy)
      judgeClaims(jwt.claims, policy, clock())
      const keys = await findKeys(policy, keyId, issuer)
      await verifySignature(jwt, algorithm, keys)
      // Fetching a key takes time, and the token may have expired meanwhile.
      judgeTimes(jwt.claims, policy, clock())
      const auth = toAuth(jwt, policy, transport)
      await validate(auth, policy)
      return auth
    },
  }
}

async function findKeys(
  policy: IssuerPolicy,
  keyId: string | undefined,
  issuer: string,
): Promise<readonly VerificationKey[]> {
  let keys: readonly VerificationKey[]
  try {
    keys = await policy.keys.find(keyId)
  } catch (error) {
    if (!(error instanceof KeysUnavailable)) throw error
    throw new AuthError('temporarily_unavailable', {
      reason: 'keys_unavailable',
      detail: error.message,
      retryAfterSeconds: error.retryAfterSeconds,
      cause: error,
    })
  }
  const usable = keys.filter((key) => key.issuer === undefined || key.issuer === issuer)
  if (usable.length === 0) throw invalidToken('unknown_key', 'The issuer has no key of this "kid"')
  return usable
}

async function validate(auth: Auth, policy: IssuerPolicy): Promise<void> {
  if (policy.validate === undefined) return
  let verdict: unknown
  try {
    verdict = await policy.validate(auth)
  } catch (error) {
    // "No credential" would let the bearer of a refused token pass as anonymous.
    if (error instanceof AuthError && error.code !== 'no_credential') throw error
    throw invalidToken('refused_by_validate', messageOf(error))
  }
  // It should have thrown, but a predicate that says no must not be taken for a yes.
  if (verdict === false) throw invalidToken('refused_by_validate')
}
