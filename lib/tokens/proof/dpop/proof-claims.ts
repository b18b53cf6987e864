import { hash } from 'node:crypto'
import type { AuthError } from '../../../core/verdicts/errors.js'
import type { RequestHead } from '../../../http/request/request-head.js'
import { ownClaim, type Claims } from '../../jwt/claims.js'
import { invalidProof } from './refusals.js'
import { normaliseUri } from './target-uri.js'

/** Where a request went, as its client sees it. */
export interface RequestUri {
  /** Our public origins, normalised: one of them must be named. */
  readonly origins: readonly string[]
  /** Normalised; undefined for a target that is no path. */
  readonly path: string | undefined
}

/** Whether a proof is of this request and of this token (RFC 9449 §4.3, steps 8, 9 and 11). */
export function judgeProofTarget(
  claims: Claims,
  {
    token,
    head,
    uri,
  }: { readonly token: string; readonly head: RequestHead; readonly uri: RequestUri },
): AuthError | undefined {
  // A method that another one was tunnelled in is what the client sent.
  if (ownClaim(claims, 'htm') !== (head.originalMethod ?? head.method)) {
    return mismatch('its "htm" is not the method of the request')
  }
  const elsewhere = judgeUri(ownClaim(claims, 'htu'), uri)
  if (elsewhere !== undefined) return elsewhere
  if (ownClaim(claims, 'ath') !== hashOf(token)) {
    return mismatch('its "ath" is not the hash of the access token')
  }
  return undefined
}

function judgeUri(named: unknown, { origins, path }: RequestUri): AuthError | undefined {
  // What is spelt as we spell it needs no other spelling, and most clients do.
  if (path !== undefined && origins.some((origin) => named === `${origin}${path}`)) return undefined
  const target = typeof named === 'string' ? normaliseUri(named) : undefined
  if (target === undefined) return mismatch('its "htu" is no http or https URI')
  if (!origins.includes(target.origin)) {
    return mismatch(`its "htu" is not of ${origins.join(' or ')}`)
  }
  return target.path === path ? undefined : mismatch('its "htu" has another path than the request')
}

/** The name of a proof, of which any length costs the store the same. Undefined where it has none. */
export function proofIdOf(claims: Claims): string | undefined {
  const id = ownClaim(claims, 'jti')
  return typeof id === 'string' && id !== '' ? hashOf(id) : undefined
}

/** A token is ASCII; a `jti` may be anything. */
function hashOf(text: string): string {
  return hash('sha256', text, 'base64url')
}

function mismatch(why: string): AuthError {
  return invalidProof('proof_mismatch', `The proof is of another request: ${why}`)
}
