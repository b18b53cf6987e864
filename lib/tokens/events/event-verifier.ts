import type { Clock } from '../../core/clock.js'
import { AuthError, invalidToken } from '../../core/verdicts/errors.js'
import { NOBODY, type Sender } from '../../core/queue/sender.js'
import type { KeySource } from '../../keys/key-source.js'
import { stringClaim, type Claims } from '../jwt/claims.js'
import { compileIssuer } from '../issuers/policy/compile.js'
import { parseCompact, type CompactJwt } from '../jwt/compact.js'
import { decryptToken, isEncrypted, judgeReplicatedClaims } from '../jwt/encrypted.js'
import { judgeHeader, type HeaderRules } from '../jwt/header.js'
import type { KeySourceContext } from '../issuers/policy/key-source.js'
import type { IssuerFields } from '../issuers/policy/options.js'
import type { IssuerPolicy } from '../issuers/policy/policy.js'
import { verifyByIssuer } from '../issuers/verify-signature.js'

/** Verifies what an issuer sends to tell of something: a logout, a security event. */
export interface EventVerifier<T> {
  /** The refusal is of the dependency family where the keys cannot be had. */
  verify(token: string, sender?: Sender): Promise<T | AuthError>
  readonly keys: KeySource
}

/** The rules of one kind of event tokens. */
export interface EventKind<T> {
  /** For complaints. */
  readonly noun: string
  readonly profile: HeaderRules['profile']
  /** @default false */
  readonly requireEncryption?: boolean
  /** Pure. The issuer is known by then, and the signature is not verified yet. */
  readonly judge: (claims: Claims, now: number) => T | AuthError
}

/**
 * The engine of all tokens that tell of events, in the order of `createJwtVerifier`: checks
 * without a key come before one is asked for, so that strangers cost neither network nor signatures.
 */
export function createEventVerifier<T>(
  policy: IssuerPolicy,
  clock: Clock,
  { noun, profile, requireEncryption = false, judge }: EventKind<T>,
): EventVerifier<T> {
  const rules = { algorithms: policy.algorithms, profile }

  async function open(token: string, sender: Sender): Promise<CompactJwt | AuthError> {
    if (!isEncrypted(token)) {
      if (requireEncryption) return invalidToken('wrong_type', `The ${noun} is not encrypted`)
      return parseCompact(token)
    }
    const outer = await decryptToken(token, policy.decryptionKeys, sender)
    if (outer instanceof AuthError) return outer
    const jwt = parseCompact(outer.token)
    if (jwt instanceof AuthError) return jwt
    return judgeReplicatedClaims(outer.header, jwt.claims) ?? jwt
  }

  return {
    keys: policy.keys,
    async verify(token, sender = NOBODY) {
      const jwt = await open(token, sender)
      if (jwt instanceof AuthError) return jwt
      const issuer = stringClaim(jwt.claims, 'iss') ?? ''
      if (issuer instanceof AuthError) return issuer
      if (!policy.issuers.includes(issuer)) {
        const expected = policy.issuers.join(' or ')
        return invalidToken(
          'unknown_issuer',
          `Expected issuer ${expected}, got ${issuer || 'none'}`,
        )
      }
      const header = judgeHeader(jwt, rules)
      if (header instanceof AuthError) return header
      const event = judge(jwt.claims, clock())
      if (event instanceof AuthError) return event
      const key = await verifyByIssuer(jwt, header, policy, issuer, false, sender)
      return key instanceof AuthError ? key : event
    },
  }
}

/**
 * An issuer's keys, algorithms and tolerance mean the same here as for access tokens. It seldom tries
 * again: its keys have a budget of their own, and none is refused from memory.
 */
export function compileEventIssuer(options: IssuerFields, context: KeySourceContext): IssuerPolicy {
  const algorithms = options.algorithms ?? (options.secret === undefined ? ['RS256'] : undefined)
  return compileIssuer(
    { ...options, ...(algorithms === undefined ? {} : { algorithms }) },
    { ...context, remembersRefused: false },
  )
}
