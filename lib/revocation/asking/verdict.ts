import { invalidToken, type AuthError } from '../../core/verdicts/errors.js'
import { isRecord } from '../../core/values.js'
import type { RevocationVerdict, RevokedBy } from '../store.js'

/** Stores are written by others too, and what is not clearly "not revoked" must not pass for it. */
export function isVerdict(value: unknown): value is RevocationVerdict {
  return isRecord(value) && typeof value['revoked'] === 'boolean'
}

export function noVerdict(): TypeError {
  return new TypeError('check() of the store returned no verdict')
}

/** What a verdict is to the request. */
export function revokedToken(by: RevokedBy): AuthError {
  if (by === 'floor') {
    return invalidToken(
      'before_floor',
      'The token was issued before the revocation list was created or rebuilt, so it may have been revoked in the old one. A fresh token is accepted; onEmpty: "initialize" skips this once at first deployment',
    )
  }
  if (by === 'lifetime') {
    return invalidToken(
      'lifetime_exceeds_store',
      'The token lives longer than revocations are remembered. Raise "maxTokenLifetimeSeconds" of the store',
    )
  }
  return invalidToken('revoked', `Revoked by ${by}`)
}
