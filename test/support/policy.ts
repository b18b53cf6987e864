import { optionCheck } from '../../lib/core/options/option-check.js'
import type { AuthErrorReason, IssuerOptions } from '../../lib/index.js'
import { AuthError } from '../../lib/index.js'
import { compileIssuer } from '../../lib/tokens/issuers/policy/compile.js'
import type { Claims } from '../../lib/tokens/jwt/claims.js'
import type { IssuerPolicy } from '../../lib/tokens/issuers/policy/policy.js'
import { manualTimer } from './manual-timer.js'

export const ISSUER = 'https://id.test'
export const AUDIENCE = 'https://api.test'
export const NOW = 1_800_000_000

/** The policy of an issuer whose tokens need no network, with no clock tolerance unless told so. */
export function policyOf(options: Partial<IssuerOptions> = {}): IssuerPolicy {
  const context = { check: optionCheck('requireBearer'), timer: manualTimer(), emit() {} }
  const secret = { secret: Buffer.alloc(32, 1) }
  const keys = options.jwks === undefined ? secret : {}
  const all = { issuer: ISSUER, audience: AUDIENCE, clockToleranceSeconds: 0, ...keys, ...options }
  return compileIssuer(all, context)
}

/** Why `judge` refuses; undefined where it does not. */
export function reasonOf(judge: () => unknown): AuthErrorReason | undefined {
  return refusalOf(judge)?.reason
}

/** A refusal, thrown or returned. */
export function refusalOf(judge: () => unknown): AuthError | undefined {
  try {
    const verdict = judge()
    return verdict instanceof AuthError ? verdict : undefined
  } catch (error) {
    if (error instanceof AuthError) return error
    throw error
  }
}

/** What is there, which a test is not about: a refusal fails it. */
export function taken<T>(outcome: T | AuthError): T {
  if (outcome instanceof AuthError) throw outcome
  return outcome
}

/** Claims that every profile but `id_token` takes, but for the changes; undefined leaves one out. */
export function claimsWith(changes: Claims = {}): Claims {
  const claims: Claims = {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: 'user-1',
    client_id: 'client-1',
    iat: NOW,
    exp: NOW + 300,
    jti: 'token-1',
    scope: 'read',
    ...changes,
  }
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined))
}
